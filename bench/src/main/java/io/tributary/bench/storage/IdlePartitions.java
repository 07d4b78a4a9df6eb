package io.tributary.bench.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.Reads;
import io.tributary.storage.state.Salvage;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.Snapshot;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;

/** What a shard's state costs with many partitions that nobody uses. */
final class IdlePartitions {
    private static final LogPosition AT = new LogPosition(1, 0);
    private static final int PARTITIONS_PER_OBJECT = 10_000;
    private static final int READS = 100_000;

    private final Figures figures;
    private final int rounds;

    IdlePartitions(Figures figures, int rounds) {
        this.figures = figures;
        this.rounds = rounds;
    }

    void run() {
        figures.title(
                "partitions",
                "segments each",
                "snapshot, MB",
                "heap, bytes a partition",
                "load, ms",
                "snapshot on the sequencer's thread, ms",
                "and beside it, ms",
                "one read's look-up, us");
        row(100_000, 1);
        row(100_000, 30);
        row(1_000_000, 1);
    }

    private record Measured(
            double loadMillis, double takeMillis, double encodeMillis, double readMicros) {}

    private void row(int partitions, int segments) {
        List<PartitionId> ids = ids(partitions);
        byte[] snapshot = snapshot(ids, segments);
        List<Measured> measured = new ArrayList<>();
        long before = usedBytes();
        ShardState state = new ShardState(Duration.ofHours(1), Duration.ofDays(1));
        for (int i = 0; i < rounds; i++) {
            state = new ShardState(Duration.ofHours(1), Duration.ofDays(1));
            measured.add(measure(state, snapshot, ids));
        }
        long each = (usedBytes() - before) / partitions;
        figures.row(
                String.format(Locale.ROOT, "%,d", partitions),
                Integer.toString(segments),
                String.format(Locale.ROOT, "%.1f", snapshot.length / 1e6),
                Long.toString(each),
                Figures.spread(measured, Measured::loadMillis, "%.1f"),
                Figures.spread(measured, Measured::takeMillis, "%.2f"),
                Figures.spread(measured, Measured::encodeMillis, "%.1f"),
                Figures.spread(measured, Measured::readMicros, "%.2f"));
    }

    private static Measured measure(ShardState state, byte[] snapshot, List<PartitionId> ids) {
        long begin = System.nanoTime();
        state.load(ByteBuffer.wrap(snapshot));
        long loaded = System.nanoTime();
        Snapshot taken = state.snapshot(AT);
        long encoding = System.nanoTime();
        taken.encode();
        long encoded = System.nanoTime();
        Reads reads = new Reads(state);
        SplittableRandom random = new SplittableRandom(1);
        long reading = System.nanoTime();
        for (int i = 0; i < READS; i++) {
            reads.plan(ids.get(random.nextInt(ids.size())), 0, 1);
        }
        long read = System.nanoTime() - reading;
        return new Measured(
                (loaded - begin) / 1e6,
                (encoding - loaded) / 1e6,
                (encoded - encoding) / 1e6,
                read / 1e3 / READS);
    }

    private static List<PartitionId> ids(int count) {
        SplittableRandom random = new SplittableRandom(count);
        List<PartitionId> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(new PartitionId(new TopicId(new UUID(random.nextLong(), i)), 0));
        }
        return ids;
    }

    private static byte[] snapshot(List<PartitionId> ids, int segments) {
        ShardState state = new ShardState(Duration.ofHours(1), Duration.ofDays(1));
        Salvage salvage = new Salvage(state);
        ids.forEach(id -> salvage.skipTo(id, segments));
        for (int segment = 0; segment < segments; segment++) {
            for (int from = 0; from < ids.size(); from += PARTITIONS_PER_OBJECT) {
                List<SegmentInfo> infos = new ArrayList<>();
                for (PartitionId id : ids.subList(from, from + PARTITIONS_PER_OBJECT)) {
                    infos.add(
                            new SegmentInfo(id, segment, segment + 1, 0, 100, 100, 40, 1_000_000));
                }
                ObjectId object = new ObjectId(new ShardId(0), 1, new UUID(from, segment));
                state.replay(
                        AT,
                        new LogEntry(
                                1, List.of(new Command.SegmentsStored(object, 1 << 20, infos))));
            }
        }
        ByteBuffer bytes = state.snapshot(AT).encode();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    private static long usedBytes() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
