package io.tributary.bench.storage;

import io.tributary.storage.NewRecord;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;

/** Appends for some seconds with a bounded number of requests on their way. */
@SuppressWarnings({
    "ArrayRecordComponent",
    "FutureReturnValueIgnored"
}) // measured, not compared or awaited
final class Load {
    private static final int MOST_LATENCIES = 4_000_000;

    private Load() {}

    /**
     * What is appended.
     *
     * @param records in a request
     * @param partitions taken in turn
     * @param inFlight requests at once
     */
    record Shape(int records, int bytes, int partitions, int inFlight) {}

    /** What came of it. */
    record Result(double seconds, long records, long bytes, double cpuSeconds, long[] nanos) {
        double recordsPerSecond() {
            return records / seconds;
        }

        double megabytesPerSecond() {
            return bytes / 1e6 / seconds;
        }

        double cpuSecondsPerGigabyte() {
            return cpuSeconds / (bytes / 1e9);
        }
    }

    static Result run(LocalNode node, Shape shape, double seconds) throws IOException {
        List<List<NewRecord>> requests = requests(shape);
        AtomicLongArray nanos = new AtomicLongArray(MOST_LATENCIES);
        AtomicInteger done = new AtomicInteger();
        Semaphore room = new Semaphore(shape.inFlight());
        double cpu = cpuSeconds();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        AtomicReference<Throwable> refused = new AtomicReference<>();
        int sent = 0;
        for (long now = begin; now < end && sent < MOST_LATENCIES; now = System.nanoTime()) {
            room.acquireUninterruptibly();
            long from = System.nanoTime();
            node.append(sent % shape.partitions(), requests.get(sent % requests.size()))
                    .whenComplete(
                            (appended, problem) -> {
                                if (problem == null) {
                                    nanos.set(done.getAndIncrement(), System.nanoTime() - from);
                                } else {
                                    refused.set(problem);
                                }
                                room.release();
                            });
            sent++;
        }
        room.acquireUninterruptibly(shape.inFlight());
        if (refused.get() != null) {
            throw new IOException("an append was refused", refused.get());
        }
        double took = (System.nanoTime() - begin) / 1e9;
        long[] latencies = new long[done.get()];
        Arrays.setAll(latencies, nanos::get);
        long records = (long) latencies.length * shape.records();
        return new Result(took, records, records * shape.bytes(), cpuSeconds() - cpu, latencies);
    }

    /** Appends so many requests, one partition after the other, and waits for all. */
    static void fill(LocalNode node, Shape shape, int requests) throws IOException {
        List<List<NewRecord>> bodies = requests(shape);
        Semaphore room = new Semaphore(shape.inFlight());
        try {
            for (int i = 0; i < requests; i++) {
                room.acquireUninterruptibly();
                node.append(i % shape.partitions(), bodies.get(i % bodies.size()))
                        .whenComplete((appended, problem) -> room.release());
            }
            room.acquireUninterruptibly(shape.inFlight());
            node.append(0, bodies.getFirst()).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Values that do not compress: what is measured is storage, not compression. */
    private static List<List<NewRecord>> requests(Shape shape) {
        SplittableRandom random = new SplittableRandom(1);
        List<List<NewRecord>> requests = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            List<NewRecord> records = new ArrayList<>();
            for (int n = 0; n < shape.records(); n++) {
                byte[] value = new byte[shape.bytes()];
                random.nextBytes(value);
                records.add(new NewRecord(NewRecord.NO_TIMESTAMP, null, value, List.of()));
            }
            requests.add(records);
        }
        return requests;
    }

    /** Processor time of this process so far. */
    static double cpuSeconds() {
        return ((com.sun.management.OperatingSystemMXBean)
                                ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1e9;
    }
}
