package io.tributary.testkit.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.testkit.Program;
import io.tributary.testkit.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kafkajs, a client without any code of Kafka's or librdkafka's; its checks are in clients.mjs. */
class KafkaJsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Path PROJECT = Service.home().resolve("testkit/src/test/kafkajs");
    private static final Path TARGET = Service.home().resolve("testkit/target/kafkajs");

    @TempDir static Path folder;
    private static Endpoint endpoint;

    @BeforeAll
    static void start() throws Exception {
        Needed.program("node", "Debian: apt-get install nodejs");
        Needed.program("npm", "Debian: apt-get install npm");
        install();
        endpoint = Endpoint.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        if (endpoint != null) {
            endpoint.close();
        }
    }

    /** Fetches exactly what the lock file names, once. */
    private static void install() throws IOException {
        Path lock = TARGET.resolve("package-lock.json");
        Path done = TARGET.resolve("installed");
        if (Files.exists(done)
                && Files.mismatch(PROJECT.resolve("package-lock.json"), lock) == -1) {
            return;
        }
        Files.createDirectories(TARGET);
        Files.deleteIfExists(done);
        for (String file : List.of("package.json", "package-lock.json")) {
            Files.copy(
                    PROJECT.resolve(file),
                    TARGET.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> npm =
                List.of(
                        "npm",
                        "ci",
                        "--prefix=" + TARGET,
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund");
        try (Program program = Program.start(Map.of(), Optional.empty(), npm)) {
            if (program.awaitEnd(PATIENCE) != 0) {
                Needed.missing("npm cannot fetch kafkajs: " + program.errors().strip());
            }
        }
        Files.createFile(done);
    }

    private static void check(String name) throws IOException {
        List<String> node =
                List.of(
                        "/bin/sh",
                        "-c",
                        "cd \"$0\" && exec node \"$1\" \"$2\"",
                        TARGET.toString(),
                        PROJECT.resolve("clients.mjs").toString(),
                        name);
        try (Program program = Program.start(endpoint.environment(), Optional.empty(), node)) {
            assertEquals(0, program.awaitEnd(PATIENCE), program::toString);
        }
    }

    @Test
    void everyCodecComesBackByteForByte() throws Exception {
        check("everyCodecComesBackByteForByte");
    }

    @Test
    void groupGoesOnWhereItCommitted() throws Exception {
        check("groupGoesOnWhereItCommitted");
    }

    @Test
    void secondMemberTakesItsPartAndTheFirstTakesItBack() throws Exception {
        check("secondMemberTakesItsPartAndTheFirstTakesItBack");
    }

    @Test
    void groupsAreListedDescribedMovedAndDeleted() throws Exception {
        check("groupsAreListedDescribedMovedAndDeleted");
    }

    @Test
    void topicsAreMadeDescribedGrownAndDeleted() throws Exception {
        check("topicsAreMadeDescribedGrownAndDeleted");
    }

    @Test
    void configsAreReadAndChangedAndRecordsDeleted() throws Exception {
        check("configsAreReadAndChangedAndRecordsDeleted");
    }
}
