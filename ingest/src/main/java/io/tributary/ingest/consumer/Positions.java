package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.InstanceRecord.Held;
import io.tributary.kernel.id.PartitionId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * How far an instance is in each of its partitions. What a poll returned counts as received only
 * when the next call of the kind comes: until then it may have to be returned again. Not
 * thread-safe.
 */
final class Positions {
    /** Nothing is known to be committed. */
    static final long NOTHING = -1;

    private final Map<PartitionId, Place> places = new HashMap<>();

    /** A partition's offsets, each behind a last record. */
    private static final class Place {
        /** Behind what was returned. */
        private long next;

        /** Behind what was returned and received. */
        private long received;

        /** Behind what is known to be committed. */
        private long committed;

        Place(long next, long committed) {
            this.next = next;
            this.received = next;
            this.committed = committed;
        }
    }

    /** What a poll returns: for each partition from where to where. */
    record Move(long before, long after) {}

    /** Where to read on; empty where that is not known yet. */
    OptionalLong next(PartitionId partition) {
        Place place = places.get(partition);
        return place == null ? OptionalLong.empty() : OptionalLong.of(place.next);
    }

    /**
     * Begins.
     *
     * @param committed what the group has committed; {@link #NOTHING} where it has not
     */
    void begin(PartitionId partition, long offset, long committed) {
        places.put(partition, new Place(offset, committed));
    }

    /** Goes on elsewhere. */
    void set(PartitionId partition, long offset) {
        Place before = places.get(partition);
        begin(partition, offset, before == null ? NOTHING : before.committed);
    }

    /** Whether everything is where these moves begin. */
    boolean at(Map<PartitionId, Move> moves) {
        return moves.entrySet().stream()
                .allMatch(
                        move ->
                                next(move.getKey())
                                        .equals(OptionalLong.of(move.getValue().before())));
    }

    void returned(Map<PartitionId, Move> moves) {
        moves.forEach(
                (partition, move) -> {
                    Place place = places.get(partition);
                    if (place != null && place.next == move.before()) {
                        place.next = move.after();
                    }
                });
    }

    /** What was returned did not reach anybody. */
    void undo(Map<PartitionId, Move> moves) {
        moves.forEach(
                (partition, move) -> {
                    Place place = places.get(partition);
                    if (place != null
                            && place.next == move.after()
                            && place.received <= move.before()) {
                        place.next = move.before();
                    }
                });
    }

    /** Whoever asks again has what was returned before; says whether that is news. */
    boolean received() {
        boolean moved = false;
        for (Place place : places.values()) {
            moved |= place.received != place.next;
            place.received = place.next;
        }
        return moved;
    }

    /** What was received and is not committed. */
    Map<PartitionId, Long> uncommitted() {
        Map<PartitionId, Long> all = new TreeMap<>();
        places.forEach(
                (partition, place) -> {
                    if (place.received != place.committed) {
                        all.put(partition, place.received);
                    }
                });
        return all;
    }

    void committed(Map<PartitionId, Long> offsets) {
        offsets.forEach(
                (partition, offset) -> {
                    Place place = places.get(partition);
                    if (place != null) {
                        place.committed = offset;
                    }
                });
    }

    /** Behind what was received, in every partition. */
    Map<PartitionId, Held> toStore() {
        Map<PartitionId, Held> all = new HashMap<>();
        places.forEach(
                (partition, place) ->
                        all.put(partition, new Held(place.received, place.committed)));
        return all;
    }

    /** Forgets all other partitions. */
    void keep(Collection<PartitionId> partitions) {
        places.keySet().retainAll(partitions);
    }
}
