package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.log.Command.RetryNoted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What became of requests with an Idempotency-Key, so that a retry gets the same. A key lives for
 * the window after its last use. Guarded by the lock of its {@link ShardState}.
 */
final class RetryKeys {
    /**
     * Beyond as many runs of a key, those that continue each other are joined although they were
     * appended at other times.
     */
    private static final int MAX_EXACT_RUNS = 1_024;

    private static final int MIN_KEY_BYTES = 4 + 16 + 8 + 8 + 4;
    private static final int MIN_PARTITION_BYTES = 16 + 4 + 4 + 8 + 4 + 4 + 4;

    /** What a key was used for so far. */
    private static final class Entry {
        private final TenantId tenant;
        private final long fingerprint;
        private final Map<PartitionId, KnownRecords> partitions = new HashMap<>(2);
        private long lastUsedMillis;
        private int runs;

        private Entry(TenantId tenant, long fingerprint) {
            this.tenant = tenant;
            this.fingerprint = fingerprint;
        }

        private void note(RetryNoted noted, long atMillis) {
            runs +=
                    partitions
                            .computeIfAbsent(noted.partition(), p -> new KnownRecords())
                            .note(noted, atMillis, runs < MAX_EXACT_RUNS);
            lastUsedMillis = atMillis;
        }
    }

    private final long windowMillis;
    private final Map<UUID, Entry> entries = new LinkedHashMap<>();
    private final Map<TenantId, Integer> keysOfTenant = new HashMap<>();

    RetryKeys(Duration window) {
        windowMillis = window.toMillis();
    }

    boolean live(UUID key, long nowMillis) {
        Entry entry = entries.get(key);
        return entry != null && nowMillis - entry.lastUsedMillis <= windowMillis;
    }

    EarlierTry find(AppendRequest request, long nowMillis) {
        UUID key = request.retry().orElseThrow().key();
        if (!live(key, nowMillis)) {
            return EarlierTry.none(request);
        }
        Entry entry = entries.get(key);
        List<EarlierTry.Part> parts = new ArrayList<>(request.parts().size());
        for (AppendRequest.Part part : request.parts()) {
            AppendRequest.Ordinals ordinals = part.ordinals().orElseThrow();
            KnownRecords known = entry.partitions.get(part.partition());
            parts.add(known == null ? EarlierTry.Part.none(ordinals) : known.compare(ordinals));
        }
        return new EarlierTry(true, entry.fingerprint, EarlierTry.MAX_RUNS - entry.runs, parts);
    }

    int count(TenantId tenant) {
        return keysOfTenant.getOrDefault(tenant, 0);
    }

    void note(RetryNoted noted, long atMillis) {
        forgetUnusedSince(atMillis - windowMillis);
        Entry entry = entries.remove(noted.key());
        if (entry == null) {
            entry = new Entry(noted.tenant(), noted.fingerprint());
            keysOfTenant.merge(noted.tenant(), 1, Integer::sum);
        }
        entry.note(noted, atMillis);
        entries.put(noted.key(), entry);
    }

    private void forgetUnusedSince(long millis) {
        var oldest = entries.values().iterator();
        while (oldest.hasNext()) {
            Entry entry = oldest.next();
            if (entry.lastUsedMillis >= millis) {
                return;
            }
            oldest.remove();
            keysOfTenant.computeIfPresent(entry.tenant, (t, n) -> n == 1 ? null : n - 1);
        }
    }

    /** Forgets what was appended to the partition at or beyond the offset, which is lost. */
    void cut(PartitionId partition, long offset) {
        for (Entry entry : entries.values()) {
            KnownRecords known = entry.partitions.get(partition);
            if (known != null) {
                entry.runs -= known.cut(offset);
            }
        }
    }

    void write(BinaryWriter out) {
        out.i32(entries.size());
        entries.forEach(
                (key, entry) -> {
                    out.string(entry.tenant.value()).uuid(key).i64(entry.fingerprint);
                    out.i64(entry.lastUsedMillis).i32(entry.partitions.size());
                    entry.partitions.forEach(
                            (id, known) -> {
                                out.uuid(id.topic().value()).i32(id.index());
                                known.write(out);
                            });
                });
    }

    void read(BinaryReader in) {
        int keys = in.count(MIN_KEY_BYTES);
        for (int i = 0; i < keys; i++) {
            TenantId tenant = new TenantId(in.string());
            UUID key = in.uuid();
            Entry entry = new Entry(tenant, in.i64());
            entry.lastUsedMillis = in.i64();
            int partitions = in.count(MIN_PARTITION_BYTES);
            for (int p = 0; p < partitions; p++) {
                PartitionId id = new PartitionId(new TopicId(in.uuid()), in.i32());
                KnownRecords known = KnownRecords.read(in);
                entry.runs += known.runs();
                entry.partitions.put(id, known);
            }
            entries.put(key, entry);
            keysOfTenant.merge(tenant, 1, Integer::sum);
        }
    }
}
