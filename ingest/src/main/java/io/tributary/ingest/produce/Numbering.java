package io.tributary.ingest.produce;

import io.tributary.storage.AppendRequest.Sent;
import io.tributary.storage.ContentChain;
import io.tributary.storage.NewRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Counts a request's records, and those of each partition, so that each has the same number in
 * every try: it does not matter whether it is taken. Used on one event loop.
 */
final class Numbering {
    private final Map<Integer, InPartition> partitions = new HashMap<>(2);
    private long records;

    /** The number of the request's next record, from 1. */
    long next() {
        return ++records;
    }

    InPartition in(int partition) {
        return partitions.computeIfAbsent(partition, p -> new InPartition());
    }

    /** The first record known to be another than an earlier try brought, in any partition. */
    OptionalLong differing() {
        return partitions.values().stream()
                .flatMap(in -> in.differing.stream())
                .mapToLong(number -> number)
                .min();
    }

    /** The request's records of one partition. */
    static final class InPartition {
        private final ContentChain content = new ContentChain();
        private long count;
        private Sent sent = Sent.NOTHING;
        private Optional<Long> differing = Optional.empty();

        /** How many there were so far. */
        long count() {
            return count;
        }

        /** Hash of all there were so far. */
        int hash() {
            return content.value();
        }

        /** How far they were taken. */
        Sent sent() {
            return sent;
        }

        void add(NewRecord record, boolean taken) {
            int hash = content.add(record);
            count++;
            if (taken) {
                sent = new Sent(count, hash);
            }
        }

        /** Takes note that this record of the request is another; returns the first such. */
        long differs(long number) {
            long first = differing.orElse(number);
            differing = Optional.of(first);
            return first;
        }
    }
}
