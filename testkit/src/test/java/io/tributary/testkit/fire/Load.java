package io.tributary.testkit.fire;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.fire.History.Found;
import io.tributary.testkit.fire.History.Partition;
import io.tributary.testkit.fire.History.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * What goes on all the time while a service is under fire: producers, a tail reader for each
 * partition, and an operator who flushes, drops caches and scrubs. The first breach any of them
 * finds ends the test.
 */
final class Load implements AutoCloseable {
    private static final int PRODUCERS = 4;
    private static final Duration TAIL_PATIENCE = Duration.ofMillis(300);
    private static final Duration BETWEEN_DUTIES = Duration.ofMillis(250);
    private static final Duration WHILE_AWAY = Duration.ofMillis(50);
    private static final long PROGRESS_SECONDS = 120;

    private final Target target;
    private final History history;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean produced = new AtomicBoolean();
    private final AtomicBoolean finished = new AtomicBoolean();
    private final List<Future<?>> producers = new ArrayList<>();
    private final List<Future<?>> others = new ArrayList<>();

    Load(Target target, History history, List<Topic> topics) {
        this.target = target;
        this.history = history;
        for (int i = 0; i < PRODUCERS; i++) {
            producers.add(threads.submit(new Producer(i, target, history, topics, produced)));
        }
        for (Topic topic : topics) {
            for (Partition partition : topic.partitions()) {
                others.add(threads.submit(() -> follow(topic, partition)));
            }
        }
        List<Callable<Void>> duties = List.of(this::flush, this::dropCache, this::scrub);
        others.add(
                threads.submit(
                        () -> {
                            for (int i = 0; !finished.get(); i++) {
                                whileAway(duties.get(i % duties.size()));
                                LockSupport.parkNanos(BETWEEN_DUTIES.toNanos());
                            }
                            return null;
                        }));
    }

    private Void follow(Topic topic, Partition partition) throws Exception {
        Reader tail = new Reader(target, topic, partition);
        while (!finished.get() || !tail.atEnd()) {
            whileAway(
                    () -> {
                        for (Found found : tail.read(TAIL_PATIENCE)) {
                            history.seen(new Place(partition, found.offset()), found.id());
                        }
                        return null;
                    });
        }
        return null;
    }

    private static void whileAway(Callable<Void> call) throws Exception {
        try {
            call.call();
        } catch (IOException e) {
            // The process is being killed or started; the next call finds the new one.
            LockSupport.parkNanos(WHILE_AWAY.toNanos());
        }
    }

    private Void flush() throws IOException {
        return duty(target.operator().post("/v1/operator/flush", ""));
    }

    private Void dropCache() throws IOException {
        return duty(target.operator().post("/v1/operator/drop-local-cache", ""));
    }

    private Void scrub() throws IOException {
        Answer report = target.operator().post("/v1/operator/scrub", "");
        if (report.status() == 200) {
            JsonNode missing = report.json().get("missing");
            if (!missing.isEmpty()) {
                throw new AssertionError("objects are missing from the store: " + missing);
            }
        }
        return duty(report);
    }

    private static Void duty(Answer answer) {
        if (answer.status() != 200 && answer.status() != 503) {
            throw new AssertionError("operator: " + answer.status() + " " + answer.body());
        }
        return null;
    }

    /** Waits until so many more records are acknowledged. */
    void awaitAcknowledged(long more) {
        long wanted = history.acknowledgedCount() + more;
        await().atMost(PROGRESS_SECONDS, SECONDS)
                .until(
                        () -> {
                            producers.forEach(Load::check);
                            others.forEach(Load::check);
                            return history.acknowledgedCount() >= wanted;
                        });
    }

    private static void check(Future<?> part) {
        if (part.isDone()) {
            join(part);
        }
    }

    private static void join(Future<?> part) {
        try {
            part.get(PROGRESS_SECONDS, SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("a producer or reader got nowhere", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Lets producers see everything acknowledged and readers see everything. */
    void finish() {
        produced.set(true);
        producers.forEach(Load::join);
        finished.set(true);
        others.forEach(Load::join);
    }

    @Override
    public void close() {
        produced.set(true);
        finished.set(true);
        threads.shutdownNow();
    }
}
