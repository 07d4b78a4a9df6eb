package io.tributary.storage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A machine whose time, order of threads and chance come from one seed. Everything runs on the
 * thread that calls {@link #run}: it takes one of the threads that can go on, lets it run until it
 * waits, and takes another; when none can, time moves to the next timer.
 */
final class Machine {
    /** Once in so many steps time moves on although threads could run: they are slow then. */
    private static final int SLOWNESS = 40;

    /** A run that takes more steps than this goes round in circles. */
    private static final long MAX_STEPS = 3_000_000;

    private record Task(SimulatedProcess process, Runnable work) {}

    private record Timer(long atMillis, long number, SimulatedProcess process, Runnable work)
            implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(atMillis, other.atMillis);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final RandomGenerator random;
    private final Trace trace;
    private final Thread driver = Thread.currentThread();
    private final List<Task> ready = new ArrayList<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private long timersMade;
    private long nowMillis;
    private long steps;
    private Throwable failure;

    Machine(long seed, Trace trace) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.trace = trace;
    }

    RandomGenerator random() {
        return random;
    }

    /** Since the simulation began. */
    long nowMillis() {
        return nowMillis;
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    void note(String event) {
        trace.add(nowMillis, event);
    }

    /** Lets work of a process go on. */
    void ready(SimulatedProcess process, Runnable work) {
        if (!Thread.currentThread().isVirtual() && !Thread.currentThread().equals(driver)) {
            // The JDK wakes who waits for a monitor from a thread of its own: not repeatable.
            fail(new InterferenceError());
        }
        ready.add(new Task(process, work));
    }

    /** Does something short later, unless the process is dead by then. */
    Runnable after(long millis, SimulatedProcess process, Runnable work) {
        Timer timer = new Timer(nowMillis + Math.max(0, millis), timersMade++, process, work);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    /** Holds up the calling simulated thread. */
    void pause(long millis, SimulatedProcess process) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        after(millis, process, () -> over.complete(null));
        over.join();
    }

    /** Waits for a result at most so long; the calling simulated thread waits. */
    <T> T await(CompletableFuture<T> result, long atMostMillis, SimulatedProcess process)
            throws Throwable {
        Runnable cancel =
                after(
                        atMostMillis,
                        process,
                        () -> result.completeExceptionally(new TimedOutException()));
        try {
            return result.join();
        } catch (CompletionException e) {
            throw e.getCause();
        } finally {
            cancel.run();
        }
    }

    /** Ends the simulation: something happened that must not. */
    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    /** Runs until the result is there. */
    void run(CompletableFuture<?> until) {
        while (!until.isDone()) {
            if (failure != null) {
                throw new AssertionError(failure.toString(), failure);
            }
            if (!step()) {
                throw new AssertionError("everything waits for ever");
            }
            if (++steps > MAX_STEPS) {
                throw new AssertionError("no end after " + steps + " steps");
            }
        }
    }

    long steps() {
        return steps;
    }

    private boolean step() {
        if (!ready.isEmpty() && (timers.isEmpty() || !oneIn(SLOWNESS))) {
            int chosen = random.nextInt(ready.size());
            Task task = ready.get(chosen);
            Task last = ready.removeLast();
            if (chosen < ready.size()) {
                ready.set(chosen, last);
            }
            task.process().run(task.work());
            return true;
        }
        Timer timer = timers.poll();
        if (timer == null) {
            return false;
        }
        nowMillis = Math.max(nowMillis, timer.atMillis());
        timer.process().run(timer.work());
        return true;
    }

    /**
     * The run cannot be repeated: a thread waited for a monitor. Once, that is the JDK's own, say
     * of a class being loaded; again and again, it is a synchronized block of ours.
     */
    static final class InterferenceError extends AssertionError {
        private static final long serialVersionUID = 1L;

        InterferenceError() {
            super("something waits inside a synchronized block");
        }
    }

    /** What a simulated client gets when an answer does not come. */
    static final class TimedOutException extends Exception {
        private static final long serialVersionUID = 1L;

        TimedOutException() {
            super("no answer in time", null, false, false);
        }
    }
}
