package io.tributary.testkit.peer;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.testkit.ApacheKafka;
import io.tributary.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own tools, each in a process of its own, do what they are for. */
class KafkaToolsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOOLS = "org.apache.kafka.tools.";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private static Endpoint endpoint;
    private static String config;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        endpoint = Endpoint.start(folder);
        config = endpoint.configFile();
        admin = Admin.create(endpoint.config());
    }

    @AfterAll
    static void stop() throws Exception {
        if (endpoint != null) {
            admin.close();
            endpoint.close();
        }
    }

    private static Program tool(String name, String... arguments) throws IOException {
        String[] all =
                Stream.concat(
                                Stream.of(
                                        "--bootstrap-server",
                                        endpoint.address(),
                                        "--command-config",
                                        config),
                                Arrays.stream(arguments))
                        .toArray(String[]::new);
        return ApacheKafka.tool(name.contains(".") ? name : TOOLS + name, all);
    }

    /** Runs it to its end; what it printed. */
    private static String run(String name, String... arguments) throws IOException {
        try (Program program = tool(name, arguments)) {
            return String.join("\n", program.result(PATIENCE));
        }
    }

    private static void topic(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }

    /** A record, as the verifiable programs tell of it. */
    private record Told(int partition, long offset, String value) {}

    private static Set<Told> told(String event, Program... programs) {
        return Stream.of(programs)
                .flatMap(program -> program.lines().stream())
                .filter(line -> line.contains("\"" + event + "\""))
                // A killed process may have left half a line.
                .filter(line -> line.endsWith("}"))
                .map(KafkaToolsTest::json)
                .map(
                        json ->
                                new Told(
                                        json.get("partition").asInt(),
                                        json.get("offset").asLong(),
                                        json.get("value").asText()))
                .collect(Collectors.toSet());
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException(line, e);
        }
    }

    private static Program consumer(String topic, String group, String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("--verbose", "--topic", topic, "--group-id", group));
        arguments.addAll(List.of(more));
        return tool("VerifiableConsumer", arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void everyAcknowledgedRecordIsConsumedByAGroup(String protocol) throws Exception {
        String topic = "verified-" + protocol;
        topic(topic, 4);
        try (Program first = consumer(topic, topic, "--group-protocol", protocol);
                Program second = consumer(topic, topic, "--group-protocol", protocol);
                Program producer =
                        tool("VerifiableProducer", "--topic", topic, "--max-messages", "20000")) {
            assertEquals(0, producer.awaitEnd(PATIENCE), producer::toString);
            Set<Told> sent = told("producer_send_success", producer);
            assertEquals(20_000, sent.size(), producer::toString);
            awaitAll(sent, first, second);
            for (Program consumer : List.of(first, second)) {
                consumer.stop();
                consumer.awaitEnd(PATIENCE);
            }
            assertEquals(sent, told("record_data", first, second));
        }
    }

    private static void awaitAll(Set<Told> sent, Program... consumers) {
        await().atMost(PATIENCE).until(() -> told("record_data", consumers).containsAll(sent));
    }

    @Test
    void nothingIsSkippedWhenAMemberIsKilled() throws Exception {
        topic("killed", 4);
        String[] quick = {"--session-timeout", "6000"};
        try (Program first = consumer("killed", "killed", quick);
                Program second = consumer("killed", "killed", quick);
                Program producer =
                        tool("VerifiableProducer", "--topic", "killed", "--throughput", "1000")) {
            // Both are at work when one goes.
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    told("record_data", first).size() > 1_000
                                            && told("record_data", second).size() > 1_000);
            second.kill();
            second.awaitEnd(PATIENCE);
            Set<Told> atItsEnd = told("record_data", second);
            Set<Integer> left = atItsEnd.stream().map(Told::partition).collect(Collectors.toSet());
            // The other has its partitions, and goes on in each.
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    told("record_data", first).stream()
                                            .filter(record -> !atItsEnd.contains(record))
                                            .map(Told::partition)
                                            .collect(Collectors.toSet())
                                            .containsAll(left));
            producer.stop();
            producer.awaitEnd(PATIENCE);
            Set<Told> sent = told("producer_send_success", producer);
            assertTrue(sent.size() > 2_000);
            awaitAll(sent, first, second);
            assertTrue(
                    second.lines().stream().noneMatch(line -> line.contains("shutdown_complete")));
        }
    }

    @Test
    void performanceToolsFinishWithEveryRecord() throws Exception {
        topic("fast", 4);
        String produced =
                run(
                        "ProducerPerformance",
                        "--topic",
                        "fast",
                        "--num-records",
                        "50000",
                        "--record-size",
                        "1024",
                        "--throughput",
                        "-1");
        assertTrue(produced.contains("50000 records sent"), produced);
        String consumed = run("ConsumerPerformance", "--topic", "fast", "--num-records", "50000");
        assertTrue(consumed.contains(", 50000, "), consumed);
    }

    @Test
    void topicsAreMadeListedDescribedGrownAndDeleted() throws Exception {
        run("TopicCommand", "--create", "--topic", "made", "--partitions", "2");
        assertTrue(run("TopicCommand", "--list").lines().toList().contains("made"));
        run("TopicCommand", "--alter", "--topic", "made", "--partitions", "3");
        String described = run("TopicCommand", "--describe", "--topic", "made");
        assertTrue(described.contains("PartitionCount: 3"), described);
        run("TopicCommand", "--delete", "--topic", "made");
        assertFalse(run("TopicCommand", "--list").lines().toList().contains("made"));
    }

    @Test
    void groupsAreListedDescribedResetAndDeleted() throws Exception {
        topic("reset", 1);
        run("VerifiableProducer", "--topic", "reset", "--max-messages", "100");
        try (Program consumer = consumer("reset", "resetting", "--max-messages", "100")) {
            consumer.awaitEnd(PATIENCE);
        }
        assertTrue(group("--list").contains("resetting"));
        String described = group("--describe", "--group", "resetting");
        assertTrue(described.matches("(?s).*resetting +reset +0 +100 +100 +0.*"), described);
        group(
                "--reset-offsets",
                "--group",
                "resetting",
                "--topic",
                "reset",
                "--to-offset",
                "40",
                "--execute");
        described = group("--describe", "--group", "resetting");
        assertTrue(described.matches("(?s).*resetting +reset +0 +40 +100 +60.*"), described);
        group("--delete", "--group", "resetting");
        assertFalse(group("--list").contains("resetting"));
    }

    private static String group(String... arguments) throws IOException {
        return run(TOOLS + "consumer.group.ConsumerGroupCommand", arguments);
    }

    @Test
    void configsAreShownAndChanged() throws Exception {
        topic("configured", 1);
        String command = "kafka.admin.ConfigCommand";
        String[] entity = {"--entity-type", "topics", "--entity-name", "configured"};
        run(command, with(entity, "--alter", "--add-config", "retention.ms=3600000"));
        String described = run(command, with(entity, "--describe"));
        assertTrue(described.contains("retention.ms=3600000"), described);
        run(command, with(entity, "--alter", "--delete-config", "retention.ms"));
        described = run(command, with(entity, "--describe"));
        assertFalse(described.contains("retention.ms=3600000"), described);
    }

    private static String[] with(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void offsetsAreToldAndRecordsDeletedUpToOne() throws Exception {
        topic("trimmed", 1);
        run("VerifiableProducer", "--topic", "trimmed", "--max-messages", "10");
        assertEquals("trimmed:0:10", offset("latest"));
        Path request = folder.resolve("delete.json");
        Files.writeString(
                request,
                "{\"version\":1,\"partitions\":[{\"topic\":\"trimmed\",\"partition\":0,"
                        + "\"offset\":4}]}");
        String deleted = run("DeleteRecordsCommand", "--offset-json-file", request.toString());
        assertTrue(deleted.contains("low_watermark: 4"), deleted);
        assertEquals("trimmed:0:4", offset("earliest"));
    }

    private static String offset(String time) throws IOException {
        return run("GetOffsetShell", "--topic", "trimmed", "--time", time);
    }

    @Test
    void protocolVersionsAreListed() throws Exception {
        String versions = run("BrokerApiVersionsCommand");
        for (String api : List.of("Produce(0): 0 to 13", "Fetch(1): 4 to 18")) {
            assertTrue(versions.contains(api), versions);
        }
    }
}
