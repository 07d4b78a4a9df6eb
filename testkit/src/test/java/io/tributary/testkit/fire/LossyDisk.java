package io.tributary.testkit.fire;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A disk, through FUSE, that forgets in a power cut what was not synced; see lossydisk.py. */
final class LossyDisk implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

    private final Process process;
    private final Path mount;
    private final Writer commands;
    private final BufferedReader answers;

    private LossyDisk(Process process, Path mount) {
        this.process = process;
        this.mount = mount;
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Mounts an empty disk below the folder; skips the test, and says so, where that cannot be. */
    static LossyDisk mountOrSkip(Path folder, long seed) throws IOException {
        Optional<String> python = PYTHONS.stream().filter(LossyDisk::hasFuse).findFirst();
        if (!Files.exists(Path.of("/dev/fuse")) || !runs("fusermount3", "-V")) {
            throw skip("there is no FUSE here (/dev/fuse, fusermount3)");
        }
        if (python.isEmpty()) {
            throw skip("no python3 here has fusepy (Debian: python3-fusepy)");
        }
        Path mount = Files.createDirectory(folder.resolve("disk"));
        Process process =
                new ProcessBuilder(
                                python.get(),
                                program().toString(),
                                Files.createDirectory(folder.resolve("backing")).toString(),
                                mount.toString(),
                                Long.toString(seed))
                        .redirectError(folder.resolve("disk.err").toFile())
                        .start();
        LossyDisk disk = new LossyDisk(process, mount);
        Runtime.getRuntime().addShutdownHook(new Thread(disk::unmount));
        await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> disk.mounted() || !process.isAlive());
        if (!process.isAlive()) {
            throw skip("FUSE does not work: " + Files.readString(folder.resolve("disk.err")));
        }
        return disk;
    }

    private static RuntimeException skip(String reason) {
        System.err.println("SKIPPED: power cuts, " + reason + ".");
        return Assumptions.abort(reason);
    }

    private static boolean hasFuse(String python) {
        return runs(python, "-c", "import fusepy") || runs(python, "-c", "import fuse");
    }

    private static boolean runs(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Path program() throws IOException {
        try {
            return Path.of(LossyDisk.class.getResource("/lossydisk.py").toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private boolean mounted() throws IOException {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.anyMatch(line -> line.contains(" " + mount + " fuse"));
        }
    }

    Path path() {
        return mount;
    }

    /** Power cut: what was not synced is gone. */
    void lose() throws IOException {
        command("lose");
    }

    /** Power cut: of what was not synced, parts are there, the last write not as a whole. */
    void tear() throws IOException {
        command("torn");
    }

    /** The next sync of a file whose path holds this text fails, and its writes are gone. */
    void failNextSync(String text) throws IOException {
        command("eio-sync " + text);
    }

    /** Whether the sync that was to fail has failed. */
    boolean syncHasFailed() throws IOException {
        return answer("eio-pending").equals("no");
    }

    void slowSyncs(Duration by) throws IOException {
        command("slow-sync " + by.toMillis());
    }

    /** Inverts one bit of a file of the disk; twice, and nothing has happened. */
    void flip(Path file, long offset) throws IOException {
        command("flip /" + mount.relativize(file) + " " + offset);
    }

    private void command(String command) throws IOException {
        String answer = answer(command);
        if (!answer.equals("ok")) {
            throw new IOException("the lossy disk answered " + command + " with " + answer);
        }
    }

    private synchronized String answer(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        return String.valueOf(answers.readLine());
    }

    private void unmount() {
        if (process.isAlive()) {
            boolean unmounted = runs("fusermount3", "-u", "-z", mount.toString());
            if (!unmounted) {
                System.err.println("cannot unmount " + mount);
            }
            process.destroy();
        }
    }

    @Override
    public void close() throws IOException {
        unmount();
        commands.close();
        answers.close();
    }
}
