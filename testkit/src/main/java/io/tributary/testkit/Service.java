package io.tributary.testkit;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged service as a process of its own, on a folder that outlives it. */
public final class Service implements Closeable {
    private static final Pattern READY =
            Pattern.compile("Tributary is ready: (\\S+)  CA: (\\S+)  operator key: (\\S+)");
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 60;

    private final Process process;
    private final Path data;
    private final Path log;
    private final CompletableFuture<String> address = new CompletableFuture<>();

    private Service(Process process, Path data, Path log) {
        this.process = process;
        this.data = data;
        this.log = log;
    }

    /** The repository's folder. */
    public static Path home() {
        return Path.of(System.getProperty("tributary.home", "..")).toAbsolutePath().normalize();
    }

    /** The command that starts the service with these options. */
    public static List<String> command(Path data, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(StartCache.jvmOptions());
        command.addAll(
                List.of(
                        "@" + home().resolve("server/jvm.options"),
                        "-jar",
                        home().resolve("server/target/quarkus-app/quarkus-run.jar").toString(),
                        "--data",
                        data.toString()));
        // Many run at once: none takes a port by default.
        for (String port : List.of("--https-port", "--kafka-port", "--kafka-tls-port")) {
            if (options.stream().noneMatch(option -> option.startsWith(port))) {
                command.add(port + "=0");
            }
        }
        command.addAll(options);
        return command;
    }

    /** Starts the service and waits until it is ready. */
    public static Service start(Path data, String... options) throws IOException {
        return start(data, Map.of(), options);
    }

    /** Starts the service with more environment variables. */
    public static Service start(Path data, Map<String, String> environment, String... options)
            throws IOException {
        Service service = launch(data, environment, options);
        service.awaitReady();
        return service;
    }

    /** Starts the process and does not wait for the service. */
    public static Service launch(Path data, Map<String, String> environment, String... options)
            throws IOException {
        Path log = data.resolveSibling(data.getFileName() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(data, List.of(options)));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Service service = new Service(process, data, log);
        Thread.ofPlatform().daemon().name("service-output").start(service::copyOutput);
        return service;
    }

    private void awaitReady() throws IOException {
        try {
            address.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("the service did not start:\n" + log(), e);
        }
    }

    private void copyOutput() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                var file =
                        Files.newBufferedWriter(
                                log,
                                java.nio.file.StandardOpenOption.CREATE,
                                java.nio.file.StandardOpenOption.APPEND)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                file.write(line + "\n");
                file.flush();
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    address.complete(ready.group(1));
                }
            }
            address.completeExceptionally(new IOException("the process ended"));
        } catch (IOException e) {
            address.completeExceptionally(e);
        }
    }

    /** Such as {@code https://localhost:8443}. */
    public String address() {
        return address.join();
    }

    public Path data() {
        return data;
    }

    public Path ca() {
        return data.resolve("tls").resolve("ca.pem");
    }

    /** The operator's key, {@code id:secret}. */
    public String operatorKey() throws IOException {
        return Files.readString(data.resolve("operator.key")).strip();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What the process has printed. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    /** Ends the process as kill -9 does. */
    public void kill() throws IOException {
        process.destroyForcibly();
        exitCode();
    }

    /** Ends the process as kill does; returns its exit code. */
    public int stop() throws IOException {
        process.destroy();
        return exitCode();
    }

    private int exitCode() throws IOException {
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the service did not stop:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        if (process.isAlive()) {
            kill();
        }
    }
}
