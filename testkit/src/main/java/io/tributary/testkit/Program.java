package io.tributary.testkit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Somebody else's program as a process of its own; what it prints is kept, line by line. */
public final class Program implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder errors = new StringBuilder();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final List<Thread> copying;
    private boolean ended;

    private Program(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        copying =
                List.of(
                        Thread.ofPlatform().daemon().name("program-output").start(this::copyLines),
                        Thread.ofPlatform()
                                .daemon()
                                .name("program-errors")
                                .start(this::copyErrors));
    }

    /** Starts it with more environment variables, and with a file as its input, if any. */
    public static Program start(
            Map<String, String> environment, Optional<Path> input, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectInput(input.map(Path::toFile).orElse(new File("/dev/null")));
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new Program(command, process);
    }

    private void copyLines() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add("(output ended: " + e + ")");
        }
        lock.lock();
        try {
            ended = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(String line) {
        lock.lock();
        try {
            lines.add(line);
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void copyErrors() {
        try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                addError(line);
            }
        } catch (IOException e) {
            addError("(errors ended: " + e + ")");
        }
    }

    private void addError(String line) {
        lock.lock();
        try {
            errors.append(line).append('\n');
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what was printed so far is as wanted; fails when it cannot become so. */
    public void await(Predicate<List<String>> wanted, Duration patience) throws IOException {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (!wanted.test(lines)) {
                if (ended || left <= 0) {
                    throw new IOException((ended ? "ended: " : "not in time: ") + this);
                }
                left = more.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a line that contains this. */
    public void awaitLine(String part, Duration patience) throws IOException {
        await(all -> all.stream().anyMatch(line -> line.contains(part)), patience);
    }

    /** Waits for its end; what it printed is complete then. */
    public int awaitEnd(Duration patience) throws IOException {
        try {
            if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("did not end in time: " + this);
            }
            for (Thread thread : copying) {
                thread.join(patience);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The lines it printed, once it has ended well. */
    public List<String> result(Duration patience) throws IOException {
        int code = awaitEnd(patience);
        if (code != 0) {
            throw new IOException("ended with " + code + ": " + this);
        }
        return lines();
    }

    /** What it has printed so far. */
    public List<String> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }

    /** What it has printed to its standard error so far. */
    public String errors() {
        lock.lock();
        try {
            return errors.toString();
        } finally {
            lock.unlock();
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to end, as kill does. */
    public void stop() {
        // The handle's way leaves the streams open: what it says at the end is heard.
        process.toHandle().destroy();
    }

    /** Ends it as kill -9 does. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            List<String> last = lines.subList(Math.max(0, lines.size() - 50), lines.size());
            return command + "\n" + String.join("\n", last) + "\n" + errors;
        } finally {
            lock.unlock();
        }
    }
}
