package io.tributary.ingest.quota;

import io.tributary.kernel.time.Ticks;
import io.tributary.metadata.quota.Quota;
import java.time.Duration;
import java.util.Optional;

/**
 * What one caller takes from: its tenant's account and its key's, whichever has less. Made anew for
 * every request, so that it sees the limits of now. Thread-safe; never blocks.
 */
public final class Claim {
    private static final Duration CONNECT_AGAIN = Duration.ofSeconds(1);

    private final Account tenant;
    private final Account key;
    private final Ticks ticks;
    private final QuotaMetrics metrics;
    private final int mostConnections;

    Claim(Account tenant, Account key, Ticks ticks, QuotaMetrics metrics, int mostConnections) {
        this.tenant = tenant;
        this.key = key;
        this.ticks = ticks;
        this.metrics = metrics;
        this.mostConnections = mostConnections;
    }

    /** Takes so much, whether there is as much or not. */
    public void take(Quota rate, long amount) {
        long now = ticks.nanos();
        for (Account account : new Account[] {tenant, key}) {
            account.bucket(rate).take(amount, now);
            account.meter(rate).add(amount, now);
        }
    }

    /** Takes so much unless a rate is used up; says then what to tell of it. */
    public Optional<Excess> takeIfPaid(Quota rate, long amount) {
        long now = ticks.nanos();
        tenant.meter(rate).add(amount, now);
        key.meter(rate).add(amount, now);
        if (tenant.bucket(rate).takeIfPaid(amount, now) > 0) {
            return refused(rate);
        }
        if (key.bucket(rate).takeIfPaid(amount, now) > 0) {
            tenant.bucket(rate).giveBack(amount);
            return refused(rate);
        }
        return Optional.empty();
    }

    /** What is used up of a rate that somebody wants more of, who is refused if so. */
    public Optional<Excess> refused(Quota rate) {
        Optional<Excess> excess = excess(rate);
        excess.ifPresent(one -> metrics.refused(rate));
        return excess;
    }

    /** What is used up of a rate. */
    public Optional<Excess> excess(Quota rate) {
        long now = ticks.nanos();
        long ofTenant = tenant.bucket(rate).debtNanos(now);
        long ofKey = key.bucket(rate).debtNanos(now);
        if (ofTenant == 0 && ofKey == 0) {
            return Optional.empty();
        }
        Account account = ofKey > ofTenant ? key : tenant;
        return Optional.of(
                new Excess(
                        rate,
                        ofKey > ofTenant,
                        account.limit(rate),
                        account.meter(rate).perSecond(now),
                        Duration.ofNanos(Math.max(ofTenant, ofKey))));
    }

    /** How long until a rate is paid for; zero when it is. */
    public Duration debt(Quota rate) {
        long now = ticks.nanos();
        return Duration.ofNanos(
                Math.max(tenant.bucket(rate).debtNanos(now), key.bucket(rate).debtNanos(now)));
    }

    /** Notes that somebody is made to wait. */
    public void throttled(Quota rate, Duration wait) {
        metrics.throttled(rate, wait);
    }

    /** The most a second may pass of a rate. */
    public long perSecond(Quota rate) {
        return Math.min(tenant.limit(rate), key.limit(rate));
    }

    /** What became of a wish to connect. */
    public sealed interface Connection {
        record Taken(Place place) implements Connection {}

        record Refused(Excess excess) implements Connection {}
    }

    /** Takes a place for what lasts: a connection, a stream, a reader who waits. */
    public Connection connect() {
        if (!tenant.connect(mostConnections)) {
            return refused(tenant, false);
        }
        if (!key.connect(mostConnections)) {
            tenant.disconnect();
            return refused(key, true);
        }
        return new Connection.Taken(new Place(tenant, key));
    }

    private Connection refused(Account full, boolean ofKey) {
        metrics.refused(Quota.CONNECTIONS);
        return new Connection.Refused(
                new Excess(
                        Quota.CONNECTIONS,
                        ofKey,
                        Math.min(mostConnections, full.limit(Quota.CONNECTIONS)),
                        full.connections(),
                        CONNECT_AGAIN));
    }
}
