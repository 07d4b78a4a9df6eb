package io.tributary.bench.storage;

import io.tributary.bench.storage.LocalNode.Settings;
import io.tributary.kernel.id.PartitionId;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.object.DirectoryObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a record takes from append to a waiting reader at a steady rate, alone and beside a
 * consumer that reads everything from a far object store again and again.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the reader waits for the record instead
final class TailBesideCatchUp {
    private static final int MEBIBYTES = 256;
    private static final int PER_SECOND = 200;

    private final Figures figures;
    private final double seconds;
    private final int rounds;

    TailBesideCatchUp(Figures figures, double seconds, int rounds) {
        this.figures = figures;
        this.seconds = seconds;
        this.rounds = rounds;
    }

    void run(Path folder) throws IOException {
        figures.title(
                PER_SECOND + " records of 1 KiB a second, append to arrival at a waiting reader",
                "beside it",
                "p50 ms",
                "p99 ms");
        try (LedgerStore ledgers =
                        new FileLedgerStore(
                                folder.resolve("ledgers"), Thread.ofPlatform().daemon().factory());
                LocalNode node =
                        new LocalNode(
                                folder,
                                ledgers,
                                new FarStore(new DirectoryObjectStore(folder.resolve("store"))),
                                InstantSource.system(),
                                new Settings(
                                        64 << 20, Duration.ofMinutes(5), 1 << 30, Codec.NONE))) {
            Load.fill(node, new Load.Shape(64, 1_024, 1, 64), MEBIBYTES * 16);
            node.shards().flush();
            List<long[]> alone = new ArrayList<>();
            List<long[]> beside = new ArrayList<>();
            tail(node);
            tailBesideCatchUp(node);
            for (int round = 0; round < rounds; round++) {
                alone.add(tail(node));
                beside.add(tailBesideCatchUp(node));
            }
            row("nothing", alone);
            row("a catch-up consumer", beside);
            figures.line(
                    "%np99 beside a catch-up consumer: %.2f times that alone",
                    Figures.median(beside, n -> Figures.millis(n, 0.99))
                            / Figures.median(alone, n -> Figures.millis(n, 0.99)));
        }
    }

    private void row(String name, List<long[]> runs) {
        figures.row(
                name,
                Figures.spread(runs, n -> Figures.millis(n, 0.5), "%.2f"),
                Figures.spread(runs, n -> Figures.millis(n, 0.99), "%.2f"));
    }

    private long[] tailBesideCatchUp(LocalNode node) throws IOException {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread reader =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        while (!over.get()) {
                                            node.shards().dropLocalCache();
                                            Consumer.readAll(
                                                    node.shard(), LocalNode.partition(0), 0);
                                        }
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    } finally {
                                        ended.countDown();
                                    }
                                });
        try {
            return tail(node);
        } finally {
            over.set(true);
            try {
                ended.await();
                reader.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private long[] tail(LocalNode node) throws IOException {
        PartitionId partition = LocalNode.partition(1);
        NewRecord record = new NewRecord(NewRecord.NO_TIMESTAMP, null, new byte[1_024], List.of());
        int count = (int) (seconds * PER_SECOND);
        long[] nanos = new long[count];
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = begin + i * 1_000_000_000L / PER_SECOND;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            long offset = node.shard().offsets(partition).highWatermark();
            CompletableFuture<Long> arrived = new CompletableFuture<>();
            node.shard()
                    .watch(
                            partition,
                            offset,
                            () -> Thread.ofVirtual().start(() -> fetch(node, offset, arrived)));
            long from = System.nanoTime();
            node.append(1, List.of(record));
            try {
                nanos[i] = arrived.get() - from;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            }
        }
        return Arrays.copyOf(nanos, count);
    }

    private static void fetch(LocalNode node, long offset, CompletableFuture<Long> arrived) {
        try {
            node.shard().fetch(LocalNode.partition(1), offset, 1 << 20);
            arrived.complete(System.nanoTime());
        } catch (IOException e) {
            arrived.completeExceptionally(e);
        }
    }
}
