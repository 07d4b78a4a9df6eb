package io.tributary.ingest.consumer;

import io.tributary.ingest.door.TenantCaller;
import io.tributary.ingest.quota.Claim;
import io.tributary.ingest.quota.Excess;
import io.tributary.ingest.quota.Place;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.quota.Quota;
import io.tributary.storage.Shard;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One poll of an instance: waits for partitions and for records as long as its caller said, is
 * there and may read, and the service runs. Blocks, on a virtual thread.
 */
public final class Poll {
    /** How often is asked about rights, the caller, and more time. */
    private static final long LONGEST_NAP_MILLIS = 500;

    /** How often a poll without partitions asks the group for some. */
    private static final long WITHOUT_PARTITIONS_MILLIS = 100;

    /** How long a poll waits that cannot look now. */
    private static final long NOT_NOW_MILLIS = 200;

    /** How long a poll waits for the one before it, whose caller may just have given up. */
    private static final long OTHER_POLL_MILLIS = 1_000;

    private final ConsumerNode node;
    private final Instance instance;
    private final TenantCaller caller;
    private final Limits limits;
    private final CountDownLatch clientGone;

    /** How long a poll waits at most for how many bytes, and how many it takes. */
    record Limits(Duration patience, int minBytes, int maxBytes) {}

    Poll(
            ConsumerNode node,
            Instance instance,
            TenantCaller caller,
            Limits limits,
            CountDownLatch clientGone) {
        this.node = node;
        this.instance = instance;
        this.caller = caller;
        this.limits = limits;
        this.clientGone = clientGone;
    }

    /**
     * What a poll returns.
     *
     * @param undo to be run where it reaches nobody
     */
    public record Returned(Buffer array, Runnable undo) {}

    Returned run() throws IOException, InterruptedException {
        try (Place _ = place()) {
            return alone();
        }
    }

    /** A poll counts as a connection as long as it lasts. */
    private Place place() {
        return switch (claim().connect()) {
            case Claim.Connection.Taken taken -> taken.place();
            case Claim.Connection.Refused refused -> throw refused.excess().problem().asException();
        };
    }

    private Claim claim() {
        return node.ingest().accounts().claim(caller.now());
    }

    private Returned alone() throws IOException, InterruptedException {
        if (!instance.polls().tryAcquire(OTHER_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            throw Refusals.illegalState("another poll of this consumer instance is under way");
        }
        try {
            long deadline = node.now() + limits.patience().toMillis();
            awaitPaid();
            instance.asksAgain(caller);
            return untilEnough(deadline);
        } finally {
            instance.polls().release();
        }
    }

    /** Waits until all that was fetched is paid for; refuses where that outlasts the poll. */
    private void awaitPaid() throws InterruptedException {
        Claim claim = claim();
        Optional<Excess> excess = claim.excess(Quota.FETCH_BYTES_PER_SECOND);
        if (excess.isPresent() && excess.get().clearsIn().compareTo(limits.patience()) > 0) {
            var _ = claim.refused(Quota.FETCH_BYTES_PER_SECOND);
            throw excess.get().problem().asException();
        }
        Duration debt = claim.debt(Quota.FETCH_BYTES_PER_SECOND);
        while (debt.isPositive() && !ends()) {
            long nap = Math.clamp(debt.toMillis(), 1, LONGEST_NAP_MILLIS);
            claim.throttled(Quota.FETCH_BYTES_PER_SECOND, Duration.ofMillis(nap));
            boolean _ = clientGone.await(nap, TimeUnit.MILLISECONDS);
            claim = claim();
            debt = claim.debt(Quota.FETCH_BYTES_PER_SECOND);
        }
    }

    private Returned untilEnough(long deadline) throws IOException, InterruptedException {
        while (true) {
            CountDownLatch wake = new CountDownLatch(1);
            Optional<Round> looked = look(wake, deadline);
            long left = deadline - node.now();
            if (looked.isEmpty()) {
                boolean _ = clientGone.await(NOT_NOW_MILLIS, TimeUnit.MILLISECONDS);
                continue;
            }
            Round round = looked.get();
            boolean enough =
                    round.full() || (round.records() > 0 && round.bytes() >= limits.minBytes());
            if (enough || left <= 0 || ends()) {
                // What a client that is gone would get stays for the next.
                if (clientGone.getCount() == 0) {
                    return new Returned(Buffer.buffer("[]"), () -> {});
                }
                Buffer array = round.array().take();
                if (instance.take(round)) {
                    claim().take(Quota.FETCH_BYTES_PER_SECOND, array.length());
                    node.ingest().metrics().fetched(round.records(), array.length());
                    return new Returned(array, () -> instance.undo(round.moves()));
                }
                continue;
            }
            long nap = round.seen().isEmpty() ? WITHOUT_PARTITIONS_MILLIS : LONGEST_NAP_MILLIS;
            await(round, wake, Math.min(left, nap));
        }
    }

    private boolean ends() {
        return clientGone.getCount() == 0 || node.ingest().stopping().begun();
    }

    /** Looks; empty where that cannot be done now, and there is time to try again. */
    private Optional<Round> look(CountDownLatch wake, long deadline) throws IOException {
        try {
            return Optional.of(instance.look(caller, most(), wake));
        } catch (ProblemException e) {
            if (e.problem().retryAfter().isEmpty()
                    || node.now() + NOT_NOW_MILLIS > deadline
                    || ends()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** The most that is handed out at once: what a second pays for. */
    private int most() {
        return (int) Math.min(limits.maxBytes(), claim().perSecond(Quota.FETCH_BYTES_PER_SECOND));
    }

    private static void await(Round round, CountDownLatch wake, long millis)
            throws InterruptedException {
        List<Shard.Watch> watches = new ArrayList<>();
        try {
            for (Round.Seen one : round.seen()) {
                watches.add(one.shard().watch(one.partition(), one.end(), wake::countDown));
            }
            boolean _ = wake.await(millis, TimeUnit.MILLISECONDS);
        } finally {
            watches.forEach(Shard.Watch::cancel);
        }
    }
}
