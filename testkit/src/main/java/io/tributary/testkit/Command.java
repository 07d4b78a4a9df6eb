package io.tributary.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of the launcher that ends by itself, run as a process of its own. */
public final class Command {
    private static final long LONGEST_SECONDS = 120;

    private Command() {}

    /** How it ended. */
    public record Ended(int code, String output, String errors) {}

    /** Runs, for example, {@code cat file:///folder topic}. */
    public static Ended run(Map<String, String> environment, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        Service.home()
                                .resolve("server/target/quarkus-app/quarkus-run.jar")
                                .toString()));
        command.addAll(arguments);
        Path output = Files.createTempFile("command", ".out");
        Path errors = Files.createTempFile("command", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process =
                    builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("did not end: " + arguments);
            }
            return new Ended(
                    process.exitValue(),
                    Files.readString(output, StandardCharsets.UTF_8),
                    Files.readString(errors, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
