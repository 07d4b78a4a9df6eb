package io.tributary.ingest.kafka.fetch;

import io.tributary.ingest.kafka.fetch.FetchSession.Owner;
import io.tributary.ingest.kafka.fetch.Wanted.PartitionKey;
import io.tributary.kernel.id.TenantId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/**
 * The fetch sessions the node keeps, so many and no more: a new one takes the place of one that was
 * not used for two minutes, or of one that has had its two minutes and reads fewer partitions, as
 * in Kafka. A reader without one names all its partitions each time. Thread-safe.
 */
final class FetchSessions {
    /** Kafka's {@code min.incremental.fetch.session.eviction.ms}. */
    static final long EVICTION_MILLIS = 120_000;

    private final int maxSessions;

    /** Of all sessions together: about 200 bytes of memory each. */
    private final int maxPartitions;

    private final InstantSource clock;
    private final RandomGenerator random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, FetchSession> sessions = new HashMap<>();
    private int partitions;

    FetchSessions(int maxSessions, int maxPartitions, InstantSource clock, RandomGenerator random) {
        this.maxSessions = maxSessions;
        this.maxPartitions = maxPartitions;
        this.clock = clock;
        this.random = random;
    }

    /** What becomes of a request within a session. */
    sealed interface Use {
        /** These are to be read. */
        record Read(List<Wanted> wanted) implements Use {}

        /** It cannot go on, and the reader is told so. */
        record Refused(Errors error) implements Use {}

        /** Nothing is wanted any more; it has ended. */
        record Ended() implements Use {}
    }

    /** A request that says what changes. */
    record Step(
            int id,
            int epoch,
            Owner owner,
            boolean byId,
            Collection<Wanted> wanted,
            Collection<PartitionKey> forgotten) {}

    /** Goes on with a session. */
    Use use(Step step) {
        lock.lock();
        try {
            FetchSession session = sessions.get(step.id());
            if (session == null || !session.owner().equals(step.owner())) {
                return new Use.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
            }
            if (session.byId() != step.byId()) {
                return new Use.Refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
            }
            if (session.epoch() != step.epoch()) {
                return new Use.Refused(Errors.INVALID_FETCH_SESSION_EPOCH);
            }
            long growth = session.unknown(step.wanted());
            if (partitions + growth > maxPartitions) {
                // The reader begins anew, and gets a session if there is room for its size.
                remove(session);
                return new Use.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
            }
            partitions -= session.size();
            session.want(step.wanted());
            session.forget(step.forgotten());
            partitions += session.size();
            if (session.size() == 0) {
                remove(session);
                return new Use.Ended();
            }
            return new Use.Read(session.next(clock.millis()));
        } finally {
            lock.unlock();
        }
    }

    /** Of what was read in a session, what the reader need hear. */
    Map<PartitionKey, PartitionData> news(int id, Map<PartitionKey, PartitionData> answers) {
        lock.lock();
        try {
            FetchSession session = sessions.get(id);
            return session == null ? answers : session.news(answers);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a reader's own session, if there is one. */
    void end(int id, Owner owner) {
        lock.lock();
        try {
            FetchSession session = sessions.get(id);
            if (session != null && session.owner().equals(owner)) {
                remove(session);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins a session for who was just answered in full; empty where there is no room for it.
     *
     * @param wanted all that is read in it
     */
    Optional<Integer> begin(
            Owner owner,
            boolean byId,
            List<Wanted> wanted,
            Map<PartitionKey, PartitionData> answered) {
        lock.lock();
        try {
            long now = clock.millis();
            if (answered.isEmpty() || !makeRoom(owner.tenant(), answered.size(), now)) {
                return Optional.empty();
            }
            int id;
            do {
                id = random.nextInt(1, Integer.MAX_VALUE);
            } while (sessions.containsKey(id));
            FetchSession session = new FetchSession(id, owner, byId, now, answered);
            session.want(wanted);
            sessions.put(id, session);
            partitions += session.size();
            return Optional.of(id);
        } finally {
            lock.unlock();
        }
    }

    /** A tenant that has half of all, or would have half of all partitions, lets its own go. */
    private boolean makeRoom(TenantId tenant, int size, long now) {
        List<FetchSession> own =
                sessions.values().stream()
                        .filter(one -> one.owner().tenant().equals(tenant))
                        .toList();
        boolean many =
                own.size() >= Math.max(1, maxSessions / 2)
                        || own.stream().mapToLong(FetchSession::size).sum() + size
                                > maxPartitions / 2;
        List<FetchSession> goes = new ArrayList<>();
        int partitionsLeft = partitions;
        Iterator<FetchSession> next =
                evictable(many ? own : sessions.values(), size, now).iterator();
        while (sessions.size() - goes.size() >= maxSessions
                || partitionsLeft + size > maxPartitions) {
            if (!next.hasNext()) {
                return false;
            }
            goes.add(next.next());
            partitionsLeft -= goes.getLast().size();
        }
        goes.forEach(this::remove);
        return true;
    }

    /** What may give way, in order: who was silent the longest, then the smallest. */
    private static Stream<FetchSession> evictable(
            Collection<FetchSession> among, int size, long now) {
        Stream<FetchSession> stale =
                among.stream()
                        .filter(one -> stale(one, now))
                        .sorted(Comparator.comparingLong(FetchSession::usedMillis));
        Stream<FetchSession> smaller =
                among.stream()
                        .filter(one -> !stale(one, now))
                        .filter(one -> now - one.createdMillis() > EVICTION_MILLIS)
                        .filter(one -> one.size() <= size)
                        .sorted(Comparator.comparingInt(FetchSession::size));
        return Stream.concat(stale, smaller);
    }

    private static boolean stale(FetchSession session, long now) {
        return now - session.usedMillis() > EVICTION_MILLIS;
    }

    private void remove(FetchSession session) {
        sessions.remove(session.id());
        partitions -= session.size();
    }

    int count() {
        lock.lock();
        try {
            return sessions.size();
        } finally {
            lock.unlock();
        }
    }
}
