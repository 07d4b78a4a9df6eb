package io.tributary.storage.append;

import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendOutcome.Unknown;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.Shard;
import io.tributary.storage.batch.Checked;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.state.ShardState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The one writer of a shard: takes what is queued, decides it as one log entry, replays the entry
 * into the state and appends it, then answers in order as entries become durable. Any thread
 * queues; one thread runs {@link #step}. The first failure ends it for good: the state may be ahead
 * of the log then, and a successor recovers from the log.
 */
public final class Sequencer {
    /**
     * Entries appended and not yet durable. Few, so that what comes meanwhile forms large groups.
     */
    private static final int MAX_IN_FLIGHT = 2;

    /** An entry takes no more requests beyond this. */
    private static final long GROUP_BYTES = 4 << 20;

    /** More than one request take no more in one entry: what a ledger takes has a bound. */
    private static final long ENTRY_BYTES = Shard.MAX_REQUEST_BYTES;

    /** Requests are refused when this much waits. */
    private static final long MAX_QUEUED_BYTES = 64 << 20;

    private static final Duration OVERLOADED_RETRY = Duration.ofSeconds(1);

    /** The epoch it writes under, and the most Idempotency-Keys a tenant may have. */
    public record Terms(long epoch, int maxRetryKeysPerTenant) {}

    private sealed interface Work {
        record Append(Arrival arrival) implements Work {}

        record Log(List<Command> commands, CompletableFuture<Void> durable) implements Work {}

        record Call(Runnable task) implements Work {}
    }

    private final ShardState state;
    private final ShardLog log;
    private final Watches watches;
    private final InstantSource clock;
    private final Terms terms;
    private final BatchBuilder batches;
    private final Consumer<Throwable> onFailure;

    private final AtomicLong queuedBytes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Work> queue = new ArrayDeque<>();

    /** On their way; each is itself only. */
    private final Queue<Group> inFlight = new ArrayDeque<>();

    private Throwable failure;
    private boolean closing;

    public Sequencer(
            ShardState state,
            ShardLog log,
            Watches watches,
            InstantSource clock,
            Terms terms,
            Consumer<Throwable> onFailure) {
        this.state = state;
        this.log = log;
        this.watches = watches;
        this.clock = clock;
        this.terms = terms;
        this.onFailure = onFailure;
        batches = new BatchBuilder(terms.epoch());
    }

    /**
     * Queues a request; see {@link Shard#append(AppendRequest, Consumer)}.
     *
     * @param bytes what {@link AppendRequest#sizeBytes} says of it
     */
    public void append(AppendRequest request, long bytes, Consumer<AppendOutcome> answer) {
        arrive(new Arrival.Request(request, bytes, answer));
    }

    /**
     * Queues finished batches; see {@link Shard#append(BatchRequest, Consumer)}.
     *
     * @param bytes what {@link BatchRequest#sizeBytes} says of them
     */
    public void append(List<Checked> batches, long bytes, Consumer<List<BatchOutcome>> answer) {
        arrive(new Arrival.Batches(batches, bytes, answer));
    }

    private void arrive(Arrival arrival) {
        if (queuedBytes.get() + arrival.bytes() > MAX_QUEUED_BYTES) {
            arrival.refuse(new Refused(Reason.OVERLOADED, OVERLOADED_RETRY));
        } else if (queue(new Work.Append(arrival))) {
            queuedBytes.addAndGet(arrival.bytes());
        } else {
            arrival.refuse(unavailable());
        }
    }

    /** Logs commands; the future completes when they are durable, or fails with the shard. */
    public CompletableFuture<Void> submit(List<Command> commands) {
        CompletableFuture<Void> durable = new CompletableFuture<>();
        if (!queue(new Work.Log(commands, durable))) {
            durable.completeExceptionally(new java.io.IOException("the shard is closed"));
        }
        return durable;
    }

    /** Runs the task on the sequencing thread once everything queued before it is durable. */
    public <T> CompletableFuture<T> call(Supplier<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Work.Call call =
                new Work.Call(
                        () -> {
                            if (failure == null) {
                                done.complete(task.get());
                            } else {
                                done.completeExceptionally(failure);
                            }
                        });
        if (!queue(call)) {
            done.completeExceptionally(new java.io.IOException("the shard is closed"));
        }
        return done;
    }

    public long queuedBytes() {
        return queuedBytes.get();
    }

    private boolean queue(Work work) {
        lock.lock();
        try {
            if (closing || failure != null) {
                return false;
            }
            queue.add(work);
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Sequences until closed or failed; the caller's thread is the sequencing thread. */
    public void run() throws InterruptedException {
        while (awaitWork()) {
            step();
        }
    }

    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            while (failure == null
                    && !workReady()
                    && !(closing && queue.isEmpty() && inFlight.isEmpty())) {
                changed.await();
            }
            return failure == null && !(closing && queue.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    /** A task runs when everything before it is durable; entries may overlap a little. */
    private boolean workReady() {
        return switch (queue.peek()) {
            case null -> false;
            case Work.Call call -> inFlight.isEmpty();
            case Work.Append append -> inFlight.size() < MAX_IN_FLIGHT;
            case Work.Log commands -> inFlight.size() < MAX_IN_FLIGHT;
        };
    }

    /**
     * Makes at most one entry of what is queued. Never blocks.
     *
     * @return whether it did anything
     */
    public boolean step() {
        Group group = new Group(state, clock.millis(), terms.maxRetryKeysPerTenant());
        try {
            Optional<Runnable> call = collect(group);
            if (call.isPresent()) {
                call.get().run();
                return true;
            }
            if (!group.nothingToLog()) {
                append(group);
                return true;
            }
            return answerWithoutEntry(group);
        } catch (RuntimeException e) {
            fail(e);
            breakOff(group, e);
            return true;
        }
    }

    private Optional<Runnable> collect(Group group) {
        lock.lock();
        try {
            if (failure != null || !workReady()) {
                return Optional.empty();
            }
            while (group.bytes() < GROUP_BYTES) {
                switch (queue.peek()) {
                    case null -> {
                        return Optional.empty();
                    }
                    case Work.Append append -> {
                        long bytes = append.arrival().bytes();
                        if ((group.bytes() > 0 && group.bytes() + bytes > ENTRY_BYTES)
                                || !append.arrival().addTo(group)) {
                            return Optional.empty();
                        }
                        queuedBytes.addAndGet(-bytes);
                    }
                    case Work.Log commands -> group.add(commands.commands(), commands.durable());
                    case Work.Call call -> {
                        if (!group.isEmpty() || !inFlight.isEmpty()) {
                            return Optional.empty();
                        }
                        queue.remove();
                        return Optional.of(call.task());
                    }
                }
                queue.remove();
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private void append(Group group) {
        ByteBuffer entry = group.encode(batches);
        LogPosition at = log.nextPosition();
        state.replay(at, LogEntry.read(entry));
        lock.lock();
        try {
            inFlight.add(group);
        } finally {
            lock.unlock();
        }
        var _ =
                log.append(entry)
                        .durable()
                        .whenComplete(
                                (number, problem) -> {
                                    if (problem == null) {
                                        durable(group);
                                    } else {
                                        fail(problem);
                                    }
                                });
    }

    /** Answers that need no entry still wait for those before them, which they may repeat. */
    private boolean answerWithoutEntry(Group group) {
        if (group.isEmpty()) {
            return false;
        }
        Group last = null;
        lock.lock();
        try {
            for (Group underWay : inFlight) {
                last = underWay;
            }
            if (last != null) {
                last.answers().addAll(group.answers());
                last.whenDurable().addAll(group.whenDurable());
                return true;
            }
        } finally {
            lock.unlock();
        }
        answer(group);
        return true;
    }

    private void durable(Group group) {
        boolean outOfOrder = false;
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            if (group.equals(inFlight.peek())) {
                inFlight.remove();
            } else {
                outOfOrder = true;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (outOfOrder) {
            fail(new IllegalStateException("entries became durable out of order"));
            return;
        }
        var ends = group.ends();
        state.durable(ends, group.starts());
        answer(group);
        watches.moved(ends);
    }

    private static void answer(Group group) {
        for (Group.Answer answer : group.answers()) {
            answer.durable().run();
        }
        group.whenDurable().forEach(future -> future.complete(null));
    }

    /** Ends the sequencer: what waits is refused, what is under way is unknown. */
    public void fail(Throwable cause) {
        List<Work> waiting;
        List<Group> unknown;
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            failure = cause;
            waiting = new ArrayList<>(queue);
            queue.clear();
            unknown = new ArrayList<>(inFlight);
            inFlight.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        unknown.forEach(group -> breakOff(group, cause));
        for (Work work : waiting) {
            switch (work) {
                case Work.Append append -> append.arrival().refuse(unavailable());
                case Work.Log commands -> commands.durable().completeExceptionally(cause);
                case Work.Call call -> call.task().run();
            }
        }
        onFailure.accept(cause);
        watches.wakeAll();
    }

    private static void breakOff(Group group, Throwable cause) {
        for (Group.Answer answer : group.answers()) {
            answer.unknown().accept(new Unknown("the shard's log failed"));
        }
        group.whenDurable().forEach(future -> future.completeExceptionally(cause));
    }

    private static Refused unavailable() {
        return new Refused(Reason.SHARD_UNAVAILABLE, OVERLOADED_RETRY);
    }

    /** Refuses new work, lets {@link #run} finish what is queued and return. */
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
