package io.tributary.ingest.kafka.wire;

import io.tributary.ingest.quota.Accounts;
import io.tributary.ingest.quota.Claim;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * What requests of Kafka clients take of their quotas. A request that has begun is served, and the
 * connection that brought it waits until it is paid for: that is told with its answer (KIP-219),
 * and held here whatever the client does.
 */
final class RequestQuota {
    /**
     * The longest wait that is asked for and done at once; then it is looked at again. A client
     * holds to what it was told, so this bounds how late it learns of a quota that was raised.
     */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    /** How connections get in and stay in; part of no rate. */
    private static final Set<ApiKeys> FREE =
            EnumSet.of(ApiKeys.API_VERSIONS, ApiKeys.SASL_HANDSHAKE, ApiKeys.SASL_AUTHENTICATE);

    private final Accounts accounts;

    RequestQuota(Accounts accounts) {
        this.accounts = accounts;
    }

    /** A wait of so many milliseconds for a quota. */
    record Wait(Claim claim, Quota quota, int millis) {
        void begins() {
            claim.throttled(quota, Duration.ofMillis(millis));
        }
    }

    private static List<Quota> rates(ApiKeys api) {
        return switch (api) {
            case PRODUCE -> List.of(Quota.REQUESTS_PER_SECOND, Quota.PRODUCE_BYTES_PER_SECOND);
            case FETCH -> List.of(Quota.REQUESTS_PER_SECOND, Quota.FETCH_BYTES_PER_SECOND);
            default -> List.of(Quota.REQUESTS_PER_SECOND);
        };
    }

    private Optional<Claim> claim(Session session, ApiKeys api) {
        return !session.authenticated() || FREE.contains(api)
                ? Optional.empty()
                : Optional.of(accounts.claim(session.who()));
    }

    /** How long a request may not begin; empty when it may. */
    Optional<Wait> before(Session session, short apiKey) {
        return ApiKeys.hasId(apiKey) ? due(session, ApiKeys.forId(apiKey)) : Optional.empty();
    }

    private Optional<Wait> due(Session session, ApiKeys api) {
        return claim(session, api).flatMap(claim -> due(claim, api));
    }

    private static Optional<Wait> due(Claim claim, ApiKeys api) {
        Optional<Wait> longest = Optional.empty();
        for (Quota quota : rates(api)) {
            Duration debt = claim.debt(quota);
            Duration wait = debt.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : debt;
            int millis = (int) wait.plusNanos(999_999).toMillis();
            if (millis > longest.map(Wait::millis).orElse(0)) {
                longest = Optional.of(new Wait(claim, quota, millis));
            }
        }
        return longest;
    }

    /** Takes what a request costs that begins. */
    void begins(Session session, ApiKeys api, int bytes) {
        claim(session, api)
                .ifPresent(
                        claim -> {
                            claim.take(Quota.REQUESTS_PER_SECOND, 1);
                            if (api == ApiKeys.PRODUCE) {
                                claim.take(Quota.PRODUCE_BYTES_PER_SECOND, bytes);
                            }
                        });
    }

    /** Takes what an answer costs, and says in it how long its connection waits. */
    Optional<Wait> answers(Session session, ApiKeys api, AbstractResponse response) {
        Optional<Claim> claim = claim(session, api);
        if (claim.isPresent() && response instanceof FetchResponse fetched) {
            claim.get().take(Quota.FETCH_BYTES_PER_SECOND, bytes(fetched));
        }
        Optional<Wait> wait = claim.flatMap(known -> due(known, api));
        wait.ifPresent(known -> response.maybeSetThrottleTimeMs(known.millis()));
        return wait;
    }

    /** How long the connection waits after a request that wants no answer. */
    Optional<Wait> ends(Session session, ApiKeys api) {
        return due(session, api);
    }

    private static long bytes(FetchResponse response) {
        long bytes = 0;
        for (FetchableTopicResponse topic : response.data().responses()) {
            for (PartitionData partition : topic.partitions()) {
                bytes += FetchResponse.recordsSize(partition);
            }
        }
        return bytes;
    }

    /** So many bytes of records an answer may have: what is paid for in a second. */
    int mostFetchBytes(Session session) {
        long rate = accounts.claim(session.who()).perSecond(Quota.FETCH_BYTES_PER_SECOND);
        return rate == Quotas.UNLIMITED
                ? Integer.MAX_VALUE
                : (int) Math.min(rate, Integer.MAX_VALUE);
    }
}
