package io.tributary.storage.simulation;

import io.tributary.kernel.time.Scheduler;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Threads that live and die together: virtual threads whose steps the {@link Machine} takes one
 * after the other. A killed process never runs again; a stopped one goes on where it was.
 */
final class SimulatedProcess {
    private static final Constructor<?> THREADS_ON = threadsOn();

    private final String name;
    private final Machine machine;
    private final Thread.Builder.OfVirtual builder;
    private final List<Runnable> held = new ArrayList<>();
    private boolean alive = true;
    private boolean stopped;

    SimulatedProcess(String name, Machine machine) {
        this.name = name;
        this.machine = machine;
        Executor steps = work -> machine.ready(this, work);
        try {
            builder = (Thread.Builder.OfVirtual) THREADS_ON.newInstance(steps);
            builder.uncaughtExceptionHandler((thread, problem) -> machine.fail(problem));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no virtual threads on an executor of our own", e);
        }
    }

    /** The JDK's own tests build virtual threads on a scheduler of theirs this way. */
    private static Constructor<?> threadsOn() {
        try {
            Constructor<?> found =
                    Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                            .getDeclaredConstructor(Executor.class);
            found.setAccessible(true);
            return found;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no virtual threads on an executor of our own", e);
        }
    }

    /** Runs a step, keeps it for later, or forgets it. */
    void run(Runnable work) {
        if (stopped) {
            held.add(work);
        } else if (alive) {
            work.run();
        }
    }

    boolean alive() {
        return alive;
    }

    void kill() {
        alive = false;
        stopped = false;
        held.clear();
    }

    /** As SIGSTOP does. */
    void stop() {
        stopped = alive;
    }

    /** As SIGCONT does. */
    void go() {
        stopped = false;
        held.forEach(work -> machine.ready(this, work));
        held.clear();
    }

    void start(Runnable work) {
        builder.start(work);
    }

    ThreadFactory threads() {
        return builder::unstarted;
    }

    Scheduler scheduler() {
        return (delay, task) -> {
            Runnable cancel = machine.after(delay.toMillis(), this, () -> start(task));
            return cancel::run;
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
