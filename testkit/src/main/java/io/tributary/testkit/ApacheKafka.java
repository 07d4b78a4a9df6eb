package io.tributary.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Apache Kafka: its tools, and one node that is broker and controller, as processes of their own on
 * the class path that the module peers has written down.
 */
public final class ApacheKafka implements Closeable {
    private static final Duration START = Duration.ofMinutes(5);
    private static final Duration STOP = Duration.ofMinutes(2);

    /** What Kafka's own scripts start a broker with. */
    private static final List<String> BROKER_JVM =
            List.of(
                    "-Xms1g",
                    "-Xmx1g",
                    "-server",
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-XX:InitiatingHeapOccupancyPercent=35",
                    "-XX:+ExplicitGCInvokesConcurrent",
                    "-Djava.awt.headless=true",
                    "-Dlog4j2.level=INFO");

    /** What ends soon should begin soon. */
    private static final List<String> TOOL_JVM =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m");

    private final Program broker;
    private final String address;

    private ApacheKafka(Program broker, String address) {
        this.broker = broker;
        this.address = address;
    }

    /** The class path of Kafka's processes. */
    public static String classPath() throws IOException {
        return Files.readString(Service.home().resolve("testkit/peers/target/classpath")).strip();
    }

    /** Starts one of Kafka's programs that end by themselves or when they are told to. */
    public static Program tool(String mainClass, String... arguments) throws IOException {
        return program(TOOL_JVM, "", mainClass, List.of(arguments));
    }

    /** Starts a class of this class path, with another in front of it. */
    public static Program program(
            List<String> jvm, String front, String mainClass, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(jvm);
        command.add(mainClass);
        command.addAll(arguments);
        String whole = front.isEmpty() ? classPath() : front + ":" + classPath();
        return Program.start(Map.of("CLASSPATH", whole), Optional.empty(), command);
    }

    /**
     * Starts a node on this folder, as its distribution configures one, but for these settings; a
     * folder that is not there yet is formatted.
     */
    public static ApacheKafka start(Path folder, Map<String, String> settings) throws IOException {
        Files.createDirectories(folder);
        Path config = folder.resolve("server.properties");
        Properties properties = new Properties();
        boolean made = Files.exists(config);
        if (made) {
            try (var in = Files.newBufferedReader(config)) {
                properties.load(in);
            }
        } else {
            properties.putAll(shipped(folder));
        }
        properties.putAll(settings);
        try (var out = Files.newBufferedWriter(config)) {
            properties.store(out, null);
        }
        if (!made) {
            tool(
                            "kafka.tools.StorageTool",
                            "format",
                            "--standalone",
                            "--cluster-id=AAAAAAAAAAAAAAAAAAAAAA",
                            "--config=" + config)
                    .result(START);
        }
        Program broker = program(BROKER_JVM, "", "kafka.Kafka", List.of(config.toString()));
        try {
            broker.awaitLine("Kafka Server started", START);
        } catch (IOException e) {
            broker.kill();
            throw e;
        }
        String listeners = properties.getProperty("listeners");
        String first = Arrays.stream(listeners.split(",", -1)).findFirst().orElseThrow();
        return new ApacheKafka(broker, first.substring("PLAINTEXT://".length()));
    }

    private static Map<String, String> shipped(Path folder) throws IOException {
        int client = KafkaConfigs.freePort();
        int controller = KafkaConfigs.freePort();
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.bootstrap.servers", "localhost:" + controller),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://localhost:"
                                + client
                                + ",CONTROLLER://localhost:"
                                + controller),
                Map.entry("log.dirs", folder.resolve("logs").toString()),
                Map.entry("num.network.threads", "3"),
                Map.entry("num.io.threads", "8"),
                Map.entry("socket.send.buffer.bytes", "102400"),
                Map.entry("socket.receive.buffer.bytes", "102400"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"));
    }

    /** What clients connect to, without TLS and without a key: {@code host:port}. */
    public String address() {
        return address;
    }

    public long pid() {
        return broker.pid();
    }

    /** Ends the node in order. */
    public void stop() throws IOException {
        broker.stop();
        broker.awaitEnd(STOP);
    }

    @Override
    public void close() {
        broker.close();
    }
}
