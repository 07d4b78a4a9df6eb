package io.tributary.metadata.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/**
 * Records as objects, remembered until they change. What was read before a change that was told
 * meanwhile is never kept. Thread-safe.
 */
final class RecordCache<T> {
    private static final int MAX_RECORDS = 100_000;

    private final VersionedRecords records;
    private final String root;
    private final BiFunction<String, byte[], T> decode;
    private final Cache<String, Optional<T>> cache =
            Caffeine.newBuilder().maximumSize(MAX_RECORDS).executor(Runnable::run).build();
    private final AtomicLong changes = new AtomicLong();

    /**
     * Remembers records below a root.
     *
     * @param decode from path and value
     */
    RecordCache(VersionedRecords records, String root, BiFunction<String, byte[], T> decode) {
        this.records = records;
        this.root = root + "/";
        this.decode = decode;
        records.onChange(this::changed);
    }

    private void changed(String path) {
        if (path.equals("/")) {
            changes.incrementAndGet();
            cache.invalidateAll();
        } else if (path.startsWith(root)) {
            forget(path);
        }
    }

    /** Forgets a record that was changed here, before the store's word of it comes. */
    void forget(String path) {
        changes.incrementAndGet();
        cache.invalidate(path);
    }

    /**
     * Finds a record.
     *
     * @throws IOException it is not remembered and the store is out of reach
     */
    Optional<T> find(String path) throws IOException {
        Optional<T> known = records.following() ? cache.getIfPresent(path) : null;
        if (known != null) {
            return known;
        }
        long before = changes.get();
        Optional<VersionedRecord> record = records.read(path);
        Optional<T> read =
                record.isPresent()
                        ? Optional.of(decode.apply(path, record.get().value()))
                        : Optional.empty();
        if (changes.get() == before) {
            cache.put(path, read);
            if (changes.get() != before) {
                cache.invalidate(path);
            }
        }
        return read;
    }

    /** What is remembered and can be believed; empty says nothing. */
    Optional<T> ifCached(String path) {
        if (!records.following()) {
            return Optional.empty();
        }
        Optional<T> known = cache.getIfPresent(path);
        return known == null ? Optional.empty() : known;
    }
}
