package io.tributary.testkit.peer;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kcat, a client made with librdkafka, says and sees what it should. */
class KcatTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PARTITIONS = 4;

    @TempDir static Path folder;
    private static Endpoint endpoint;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        Needed.program("kcat", "Debian: apt-get install kcat");
        endpoint = Endpoint.start(folder);
        admin = Admin.create(endpoint.config());
    }

    @AfterAll
    static void stop() throws Exception {
        if (endpoint != null) {
            admin.close();
            endpoint.close();
        }
    }

    private static void topic(String name, int partitions) throws Exception {
        NewTopic topic =
                new NewTopic(name, partitions, (short) 1).configs(Map.of("retention.ms", "-1"));
        admin.createTopics(List.of(topic)).all().get();
    }

    private static Program start(Optional<Path> input, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("kcat"));
        command.addAll(endpoint.librdkafkaOptions());
        command.addAll(List.of(arguments));
        return Program.start(Map.of(), input, command);
    }

    /** Runs it to its end; what it printed. */
    private static List<String> kcat(String... arguments) throws IOException {
        try (Program program = start(Optional.empty(), arguments)) {
            return program.result(PATIENCE);
        }
    }

    private static void produce(List<String> lines, String... arguments) throws IOException {
        Path input = Files.createTempFile(folder, "input", ".txt");
        Files.write(input, lines);
        String[] all = Stream.concat(Stream.of("-P"), Stream.of(arguments)).toArray(String[]::new);
        try (Program program = start(Optional.of(input), all)) {
            program.result(PATIENCE);
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void everyCodecComesBackInOrder(String codec) throws Exception {
        String topic = "codec-" + codec;
        topic(topic, 1);
        produce(numbers(0, 2_000), "-t", topic, "-p", "0", "-z", codec);
        assertEquals(
                IntStream.range(0, 2_000).mapToObj(i -> i + ":" + i).toList(),
                kcat("-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q", "-f", "%o:%s\n"));
    }

    @Test
    void keysNullsAndHeadersComeBack() throws Exception {
        topic("shapes", 1);
        produce(
                List.of("a:1", "b:", ":3"),
                "-t",
                "shapes",
                "-p",
                "0",
                "-K:",
                "-Z",
                "-H",
                "one=1",
                "-H",
                "two=2");
        produce(List.of("no key"), "-t", "shapes", "-p", "0");
        assertEquals(
                List.of(
                        "1 a 1 1 one=1,two=2",
                        "1 b -1  one=1,two=2",
                        "-1  1 3 one=1,two=2",
                        "-1  6 no key "),
                kcat(
                        "-C",
                        "-t",
                        "shapes",
                        "-p",
                        "0",
                        "-o",
                        "beginning",
                        "-e",
                        "-q",
                        "-f",
                        "%K %k %S %s %h\n"));
    }

    @Test
    void offsetsAreFoundByTimeAndCountedFromTheEnd() throws Exception {
        topic("times", 1);
        long begin = 1_700_000_000_000L;
        try (var producer =
                new KafkaProducer<>(
                        endpoint.config(), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("times", 0, begin + i * 1_000L, null, "" + i))
                        .get();
            }
        }
        for (var asked :
                Map.of(begin, 0, begin + 2_500, 3, begin + 9_000, 9, -1L, 10, -2L, 0).entrySet()) {
            assertEquals(
                    List.of("times [0] offset " + asked.getValue()),
                    kcat("-Q", "-t", "times:0:" + asked.getKey()));
        }
        assertEquals(numbers(7, 10), kcat("-C", "-t", "times", "-p", "0", "-o", "-3", "-e", "-q"));
        assertEquals(
                numbers(6, 10),
                kcat("-C", "-t", "times", "-p", "0", "-o", "s@" + (begin + 5_001), "-e", "-q"));
    }

    @Test
    void metadataNamesBrokerTopicAndPartitions() throws Exception {
        topic("seen", PARTITIONS);
        var answer = new ObjectMapper().readTree(String.join("", kcat("-L", "-J", "-t", "seen")));
        assertEquals(1, answer.get("brokers").size());
        assertEquals(endpoint.address(), answer.at("/brokers/0/name").asText());
        assertEquals("seen", answer.at("/topics/0/topic").asText());
        assertEquals(PARTITIONS, answer.at("/topics/0/partitions").size());
    }

    @Test
    void groupGoesOnWhereItCommitted() throws Exception {
        topic("resumed", PARTITIONS);
        String[] read = {
            "-G", "resuming", "-X", "auto.offset.reset=earliest", "-e", "-q", "resumed"
        };
        produce(numbers(0, 500), "-t", "resumed", "-p", "-1");
        assertEquals(new TreeSet<>(numbers(0, 500)), new TreeSet<>(kcat(read)));
        assertEquals(List.of(), kcat(read));
        produce(numbers(500, 600), "-t", "resumed", "-p", "-1");
        List<String> second = kcat(read);
        assertEquals(100, second.size());
        assertEquals(new TreeSet<>(numbers(500, 600)), new TreeSet<>(second));
    }

    @Test
    void secondMemberTakesItsPartAndTheFirstTakesItBack() throws Exception {
        topic("shared", PARTITIONS);
        String[] read = {
            "-G",
            "sharing",
            "-X",
            "auto.offset.reset=earliest",
            "-u",
            "-q",
            "-f",
            "%p:%s\n",
            "shared"
        };
        Set<String> sent = new TreeSet<>();
        try (Program first = start(Optional.empty(), read)) {
            round(0, sent);
            awaitAll(sent, first);
            try (Program second = start(Optional.empty(), read)) {
                for (int i = 1; second.lines().isEmpty(); i++) {
                    assertTrue(i < 200, "the second member gets nothing");
                    round(i, sent);
                }
                round(1_000, sent);
                awaitAll(sent, first, second);
                // Each record of the last round was somebody's.
                assertEquals(2, partitions(second, "1000-").size());
                assertEquals(2, partitions(first, "1000-").size());
                second.stop();
                second.awaitEnd(PATIENCE);
                round(2_000, sent);
                awaitAll(sent, first, second);
                assertEquals(PARTITIONS, partitions(first, "2000-").size());
            }
        }
    }

    /** A record to each partition. */
    private static void round(int number, Set<String> sent) throws IOException {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            String value = number + "-" + partition;
            produce(List.of(value), "-t", "shared", "-p", "" + partition);
            sent.add(partition + ":" + value);
        }
    }

    private static void awaitAll(Set<String> sent, Program... members) {
        await().atMost(PATIENCE)
                .until(
                        () -> {
                            Set<String> seen = new TreeSet<>();
                            Stream.of(members).forEach(member -> seen.addAll(member.lines()));
                            return seen.containsAll(sent);
                        });
    }

    private static Set<String> partitions(Program member, String part) {
        Set<String> partitions = new TreeSet<>();
        member.lines().stream()
                .filter(line -> line.contains(":" + part))
                .forEach(line -> partitions.add(line.substring(0, line.indexOf(':'))));
        return partitions;
    }
}
