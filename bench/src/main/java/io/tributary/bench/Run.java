package io.tributary.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLongArray;
import javax.net.ssl.SSLContext;

/** Loads the server with one kind of request for some seconds, from many connections. */
final class Run {
    private static final int TICKS_PER_SECOND = 100;

    /** The most chunks a connection sends in one go. */
    private static final int MOST_CHUNKS = 1 << 17;

    private static final byte[] END = {'0', '\r', '\n', '\r', '\n'};

    private final SSLContext tls;
    private final URI address;
    private final long pid;

    Run(SSLContext tls, URI address, long pid) {
        this.tls = tls;
        this.address = address;
        this.pid = pid;
    }

    /**
     * What was measured.
     *
     * @param p50Micros half of the requests took no longer
     * @param cpuSeconds the server's
     */
    record Result(
            double seconds, long requests, long p50Micros, long p99Micros, double cpuSeconds) {
        double perSecond() {
            return requests / seconds;
        }
    }

    /** Sends the same request again and again. */
    Result load(byte[] request, int connections, double seconds) throws IOException {
        double cpu = cpuSeconds();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        List<Callable<long[]>> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            clients.add(() -> client(request, end));
        }
        return result(all(clients), begin, cpu);
    }

    private Result result(List<long[]> all, long begin, double cpu) throws IOException {
        double took = (System.nanoTime() - begin) / 1e9;
        long[] latencies = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Result(
                took,
                latencies.length,
                latencies[latencies.length / 2] / 1_000,
                latencies[(int) (latencies.length * 0.99)] / 1_000,
                cpuSeconds() - cpu);
    }

    private long[] client(byte[] request, long end) throws IOException {
        long[] latencies = new long[1 << 12];
        int count = 0;
        try (Connection connection = new Connection(tls, address)) {
            for (long now = System.nanoTime(); now < end; ) {
                connection.exchange(request);
                long after = System.nanoTime();
                if (count == latencies.length) {
                    latencies = Arrays.copyOf(latencies, count * 2);
                }
                latencies[count++] = after - now;
                now = after;
            }
        }
        return Arrays.copyOf(latencies, count);
    }

    /**
     * Sends one request on each connection, in chunks of some records, and reads a report for every
     * record; what the result calls a request is a chunk, from its sending to its last report.
     */
    Result stream(byte[] head, byte[] chunk, int records, int connections, double seconds)
            throws IOException {
        double cpu = cpuSeconds();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        List<Callable<long[]>> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            clients.add(() -> streamOne(head, chunk, records, end));
        }
        return result(all(clients), begin, cpu);
    }

    private long[] streamOne(byte[] head, byte[] chunk, int records, long end) throws IOException {
        AtomicLongArray sent = new AtomicLongArray(MOST_CHUNKS);
        try (Connection connection = new Connection(tls, address)) {
            connection.send(head);
            FutureTask<Integer> sending =
                    new FutureTask<>(
                            () -> {
                                int chunks = 0;
                                for (long now = System.nanoTime();
                                        now < end && chunks < MOST_CHUNKS;
                                        now = System.nanoTime()) {
                                    sent.set(chunks++, now);
                                    connection.send(chunk);
                                }
                                connection.send(END);
                                return chunks;
                            });
            Thread.ofPlatform().daemon().start(sending);
            long[] latencies = new long[MOST_CHUNKS];
            long reports = 0;
            for (String line = connection.line(); !line.equals("0"); line = connection.line()) {
                if (line.startsWith("{\"error_code\":200") && ++reports % records == 0) {
                    int number = (int) (reports / records) - 1;
                    latencies[number] = System.nanoTime() - sent.get(number);
                }
            }
            int chunks = sending.get();
            if (reports != (long) chunks * records) {
                throw new IOException(reports + " reports for " + chunks + " chunks");
            }
            return Arrays.copyOf(latencies, chunks);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    static <T> List<T> all(List<Callable<T>> tasks) throws IOException {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Processor time the server has used so far. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12]))
                / (double) TICKS_PER_SECOND;
    }
}
