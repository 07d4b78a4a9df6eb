package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.AppendOutcome.OffsetRun;
import io.tributary.storage.log.Command.RetryNoted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which offsets requests with an Idempotency-Key were given, so that a retry gets the same. A key
 * lives for the window after its last use. Guarded by the lock of its {@link ShardState}.
 */
final class RetryKeys {
    /** The most runs of offsets one key may have: bounds its memory. */
    static final int MAX_RUNS_PER_KEY = 65_536;

    private static final int MIN_KEY_BYTES = 4 + 16 + 8 + 8 + 4;
    private static final int MIN_PARTITION_BYTES = 16 + 4 + 8 + 4;

    /** What a key was used for so far. */
    static final class Entry {
        private final TenantId tenant;
        private final long fingerprint;
        private final Map<PartitionId, PartitionRuns> partitions = new HashMap<>(2);
        private long lastUsedMillis;
        private int runs;

        private Entry(TenantId tenant, long fingerprint) {
            this.tenant = tenant;
            this.fingerprint = fingerprint;
        }

        long fingerprint() {
            return fingerprint;
        }

        boolean full() {
            return runs >= MAX_RUNS_PER_KEY;
        }

        Optional<PartitionRuns> partition(PartitionId partition) {
            return Optional.ofNullable(partitions.get(partition));
        }

        private void add(PartitionId partition, OffsetRun run, long atMillis) {
            PartitionRuns known =
                    partitions.computeIfAbsent(partition, p -> new PartitionRuns(atMillis));
            runs += known.add(run);
            lastUsedMillis = atMillis;
        }
    }

    /** The offsets of a key's records in one partition, in the order of the records. */
    static final class PartitionRuns {
        private final long appendedAtMillis;
        private final List<OffsetRun> runs = new ArrayList<>(1);
        private long count;

        private PartitionRuns(long appendedAtMillis) {
            this.appendedAtMillis = appendedAtMillis;
        }

        long count() {
            return count;
        }

        long appendedAtMillis() {
            return appendedAtMillis;
        }

        /** The offsets of {@code wanted} records from the {@code first}-th on, as far as known. */
        List<OffsetRun> slice(long first, int wanted) {
            List<OffsetRun> found = new ArrayList<>(1);
            long skip = first;
            int left = wanted;
            for (OffsetRun run : runs) {
                if (left == 0) {
                    break;
                }
                if (skip >= run.count()) {
                    skip -= run.count();
                    continue;
                }
                int take = (int) Math.min(left, run.count() - skip);
                found.add(new OffsetRun(run.baseOffset() + skip, take));
                left -= take;
                skip = 0;
            }
            return found;
        }

        /**
         * Forgets the first run that reaches the offset and all after it, so that a retry appends
         * what they stood for again; returns how many.
         */
        private int cut(long offset) {
            int kept = 0;
            while (kept < runs.size()
                    && runs.get(kept).baseOffset() + runs.get(kept).count() <= offset) {
                kept++;
            }
            List<OffsetRun> lost = runs.subList(kept, runs.size());
            int cut = lost.size();
            if (cut > 0 && lost.getFirst().baseOffset() < offset) {
                OffsetRun first = lost.getFirst();
                int left = (int) (offset - first.baseOffset());
                runs.set(kept, new OffsetRun(first.baseOffset(), left));
                count -= first.count() - left;
                lost = runs.subList(kept + 1, runs.size());
                cut--;
            }
            for (OffsetRun run : lost) {
                count -= run.count();
            }
            lost.clear();
            return cut;
        }

        private int add(OffsetRun run) {
            count += run.count();
            if (!runs.isEmpty()) {
                OffsetRun last = runs.getLast();
                if (last.baseOffset() + last.count() == run.baseOffset()) {
                    runs.set(
                            runs.size() - 1,
                            new OffsetRun(last.baseOffset(), last.count() + run.count()));
                    return 0;
                }
            }
            runs.add(run);
            return 1;
        }
    }

    private final long windowMillis;
    private final Map<UUID, Entry> entries = new LinkedHashMap<>();
    private final Map<TenantId, Integer> keysOfTenant = new HashMap<>();

    RetryKeys(Duration window) {
        windowMillis = window.toMillis();
    }

    Optional<Entry> find(UUID key, long nowMillis) {
        Entry entry = entries.get(key);
        return entry == null || nowMillis - entry.lastUsedMillis > windowMillis
                ? Optional.empty()
                : Optional.of(entry);
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
        entry.add(noted.partition(), noted.run(), atMillis);
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
            entry.partition(partition).ifPresent(known -> entry.runs -= known.cut(offset));
        }
    }

    void write(BinaryWriter out) {
        out.i32(entries.size());
        entries.forEach(
                (key, entry) -> {
                    out.string(entry.tenant.value()).uuid(key).i64(entry.fingerprint);
                    out.i64(entry.lastUsedMillis).i32(entry.partitions.size());
                    entry.partitions.forEach((id, runs) -> write(out, id, runs));
                });
    }

    private static void write(BinaryWriter out, PartitionId id, PartitionRuns runs) {
        out.uuid(id.topic().value()).i32(id.index());
        out.i64(runs.appendedAtMillis).i32(runs.runs.size());
        runs.runs.forEach(run -> out.i64(run.baseOffset()).i32(run.count()));
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
                PartitionRuns runs = new PartitionRuns(in.i64());
                int count = in.count(12);
                for (int r = 0; r < count; r++) {
                    entry.runs += runs.add(new OffsetRun(in.i64(), in.i32()));
                }
                entry.partitions.put(id, runs);
            }
            entries.put(key, entry);
            keysOfTenant.merge(tenant, 1, Integer::sum);
        }
    }
}
