package io.tributary.bench.storage;

import io.tributary.bench.storage.LocalNode.Settings;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.object.DirectoryObjectStore;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStore.ObjectInfo;
import io.tributary.storage.object.S3ObjectStore;
import io.tributary.storage.object.S3Settings;
import io.tributary.testkit.S3;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A consumer that reads everything in order from the object store, beside ranged GETs of the same
 * objects that do nothing with the bytes.
 */
final class ColdReads {
    private static final int MEBIBYTES = 384;
    private static final int RANGE_BYTES = 8 << 20;
    private static final int RANGES_AT_ONCE = 4;

    private final Figures figures;
    private final int rounds;

    ColdReads(Figures figures, int rounds) {
        this.figures = figures;
        this.rounds = rounds;
    }

    private record Result(double seconds, long bytes, double cpuSeconds) {
        double megabytesPerSecond() {
            return bytes / 1e6 / seconds;
        }

        double cpuSecondsPerGigabyte() {
            return cpuSeconds * 1e9 / bytes;
        }
    }

    private interface Reading {
        long bytes() throws IOException;
    }

    void run(Path folder) throws Exception {
        figures.title(
                MEBIBYTES + " MiB read in order from the object tier, caches dropped before",
                "store",
                "raw ranged GETs MB/s",
                "CPU s/GB",
                "consumer MB/s",
                "CPU s/GB",
                "of raw");
        measure("folder", folder, new DirectoryObjectStore(folder.resolve("store")));
        measure(
                "2 Gbit/s and 20 ms away",
                folder.resolve("far"),
                new FarStore(new DirectoryObjectStore(folder.resolve("far").resolve("store"))));
        Path bucket = Files.createDirectories(folder.resolve("bucket"));
        try (S3 s3 = new S3(bucket);
                ObjectStore store = store(s3)) {
            measure("S3Proxy", folder.resolve("over-s3"), store);
        }
    }

    private static ObjectStore store(S3 s3) {
        System.setProperty("aws.accessKeyId", s3.environment().get("AWS_ACCESS_KEY_ID"));
        System.setProperty("aws.secretAccessKey", s3.environment().get("AWS_SECRET_ACCESS_KEY"));
        return new S3ObjectStore(
                new S3Settings(
                        "tributary",
                        "bench",
                        Optional.of(URI.create(s3.endpoint())),
                        "us-east-1",
                        true),
                (kind, key, retry) -> {});
    }

    private void measure(String name, Path folder, ObjectStore store) throws IOException {
        try (LedgerStore ledgers =
                        new FileLedgerStore(
                                folder.resolve("ledgers"), Thread.ofPlatform().daemon().factory());
                LocalNode node =
                        new LocalNode(
                                folder,
                                ledgers,
                                store,
                                InstantSource.system(),
                                new Settings(
                                        64 << 20, Duration.ofMinutes(5), 1 << 30, Codec.NONE))) {
            Load.fill(node, new Load.Shape(64, 1_024, 1, 64), MEBIBYTES * 16);
            node.shards().flush();
            List<Result> raw = new ArrayList<>();
            List<Result> consumer = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                Result one = timed(() -> ranges(store));
                node.shards().dropLocalCache();
                Result other =
                        timed(() -> Consumer.readAll(node.shard(), LocalNode.partition(0), 0));
                if (round > 0) {
                    raw.add(one);
                    consumer.add(other);
                }
            }
            figures.row(
                    name,
                    Figures.spread(raw, Result::megabytesPerSecond, "%.0f"),
                    Figures.spread(raw, Result::cpuSecondsPerGigabyte, "%.2f"),
                    Figures.spread(consumer, Result::megabytesPerSecond, "%.0f"),
                    Figures.spread(consumer, Result::cpuSecondsPerGigabyte, "%.2f"),
                    String.format(
                            java.util.Locale.ROOT,
                            "%.0f %%",
                            100
                                    * Figures.median(consumer, Result::megabytesPerSecond)
                                    / Figures.median(raw, Result::megabytesPerSecond)));
        }
    }

    private static Result timed(Reading reading) throws IOException {
        double cpu = Load.cpuSeconds();
        long begin = System.nanoTime();
        long bytes = reading.bytes();
        return new Result((System.nanoTime() - begin) / 1e9, bytes, Load.cpuSeconds() - cpu);
    }

    private static long ranges(ObjectStore store) throws IOException {
        List<Callable<Integer>> gets = new ArrayList<>();
        for (ObjectInfo object : store.list("objects/", Optional.empty(), 1_000)) {
            for (long at = 0; at < object.sizeBytes(); at += RANGE_BYTES) {
                long from = at;
                int length = (int) Math.min(RANGE_BYTES, object.sizeBytes() - at);
                gets.add(() -> store.get(object.key(), from, length).remaining());
            }
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(RANGES_AT_ONCE)) {
            long bytes = 0;
            for (Future<Integer> got : threads.invokeAll(gets)) {
                bytes += got.get();
            }
            return bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }
}
