package io.tributary.metadata.producer;

import io.tributary.metadata.backup.Lineage;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives out ids for idempotent producers, none of them twice: not after a restart, not on two
 * nodes, and not after a restore, which may not know of the last of them, because the generation is
 * part of every id. Ids are taken from the metadata a block at a time. Thread-safe.
 */
public final class ProducerIds {
    private static final String PATH = "/producer-ids";
    private static final int BLOCK = 1_000;
    private static final int MAX_TRIES = 100;

    /** Below the generation; 15 bits are left for that. */
    private static final int NUMBER_BITS = 48;

    private static final int MAX_GENERATION = Short.MAX_VALUE;

    private final VersionedRecords records;
    private final ReentrantLock lock = new ReentrantLock();
    private long next;
    private long blockEnd;

    public ProducerIds(VersionedRecords records) {
        this.records = records;
    }

    /**
     * An id nobody had; blocks now and then.
     *
     * @throws IOException the metadata cannot be changed now: ask again
     */
    public long next() throws IOException {
        lock.lock();
        try {
            if (next == blockEnd) {
                next = reserve();
                blockEnd = next + BLOCK;
            }
            return next++;
        } finally {
            lock.unlock();
        }
    }

    private long reserve() throws IOException {
        long generation = Lineage.read(records).map(Lineage::generation).orElse(0L);
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            Optional<VersionedRecord> record = records.read(PATH);
            long first = record.isEmpty() ? 0 : parse(record.get().value());
            if (first >>> NUMBER_BITS != 0 || generation > MAX_GENERATION) {
                throw new IOException("there are no more producer ids");
            }
            byte[] after = Long.toString(first + BLOCK).getBytes(StandardCharsets.US_ASCII);
            Change change =
                    record.isEmpty()
                            ? new Change.Create(PATH, after)
                            : new Change.Replace(PATH, after, record.get().version());
            if (records.apply(List.of(change))) {
                return generation << NUMBER_BITS | first;
            }
        }
        throw new IOException("metadata record " + PATH + " changes all the time");
    }

    private static long parse(byte[] value) throws IOException {
        try {
            return Long.parseLong(new String(value, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw new IOException("metadata record " + PATH + " is damaged", e);
        }
    }
}
