package io.tributary.storage.cache;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the caches may take of the local disk: one budget and one order of use for all their files.
 * After trouble with the disk nothing is written or read for a while. Thread-safe; never blocks on
 * I/O.
 */
final class CacheDisk {
    private static final Logger LOG = LoggerFactory.getLogger(CacheDisk.class);
    private static final Duration OFF_AFTER_TROUBLE = Duration.ofMinutes(1);

    /** A file that may go at any time. */
    interface CacheFile {
        /** Removes it; called without any lock held, after it has left the budget. */
        void evict();
    }

    private final long budgetBytes;
    private final InstantSource clock;
    private final CacheCounts counts;
    private final ReentrantLock lock = new ReentrantLock();

    /** Sizes in the order of use. */
    private final Map<CacheFile, Long> sizes = new LinkedHashMap<>(16, 0.75f, true);

    private long totalBytes;
    private volatile long offUntilMillis = Long.MIN_VALUE;

    CacheDisk(long budgetBytes, InstantSource clock, CacheCounts counts) {
        this.budgetBytes = budgetBytes;
        this.clock = clock;
        this.counts = counts;
    }

    long budgetBytes() {
        return budgetBytes;
    }

    /**
     * The file has grown by so many bytes, or is new.
     *
     * @return files that left the budget for it, perhaps itself; the caller evicts them once it
     *     holds no lock
     */
    List<CacheFile> grow(CacheFile file, long bytes) {
        lock.lock();
        try {
            sizes.merge(file, bytes, Long::sum);
            sizes.get(file);
            totalBytes += bytes;
            return shrinkTo(budgetBytes);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes so many bytes out of the budget, the least recently used first, or all where that is
     * less; the caller evicts the files.
     */
    List<CacheFile> release(long bytes) {
        lock.lock();
        try {
            return shrinkTo(totalBytes - bytes);
        } finally {
            lock.unlock();
        }
    }

    private List<CacheFile> shrinkTo(long bytes) {
        List<CacheFile> out = new ArrayList<>();
        var eldest = sizes.entrySet().iterator();
        while (totalBytes > bytes && eldest.hasNext()) {
            Map.Entry<CacheFile, Long> gone = eldest.next();
            totalBytes -= gone.getValue();
            out.add(gone.getKey());
            eldest.remove();
        }
        return out;
    }

    /** The file was used. */
    void touch(CacheFile file) {
        lock.lock();
        try {
            sizes.get(file);
        } finally {
            lock.unlock();
        }
    }

    /** The file is gone. */
    void remove(CacheFile file) {
        lock.lock();
        try {
            Long bytes = sizes.remove(file);
            totalBytes -= bytes == null ? 0 : bytes;
        } finally {
            lock.unlock();
        }
    }

    long sizeBytes() {
        lock.lock();
        try {
            return totalBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the disk has not failed lately. */
    boolean usable() {
        return clock.millis() >= offUntilMillis;
    }

    /** The disk failed; records stay readable from the object store. */
    void failed(IOException problem) {
        counts.diskFailures.increment();
        if (usable()) {
            LOG.warn(
                    "the local cache's disk failed, off for a while pause={}",
                    OFF_AFTER_TROUBLE,
                    problem);
        }
        offUntilMillis = clock.millis() + OFF_AFTER_TROUBLE.toMillis();
    }
}
