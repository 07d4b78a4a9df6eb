package io.tributary.testkit.fire;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything the service keeps, ledgers, metadata, objects, keys, lies on a disk that forgets. */
class PowerCutTest {
    private static final int ROUNDS = Boolean.getBoolean("all") ? 50 : 5;
    private static final Duration LONGEST_START = Duration.ofMillis(2_500);
    private static final Duration SLOW_SYNC = Duration.ofMillis(500);
    private static final int SLOW_PRODUCES = 3;

    @TempDir Path folder;
    private final RandomGenerator random = Seed.of("power cut");
    private LossyDisk disk;

    @BeforeEach
    void mount() throws IOException {
        disk = LossyDisk.mountOrSkip(folder, random.nextLong());
    }

    @AfterEach
    void unmount() throws IOException {
        if (disk != null) {
            disk.close();
        }
    }

    private void cutPower() throws IOException {
        if (random.nextBoolean()) {
            disk.lose();
        } else {
            disk.tear();
        }
    }

    @Test
    void everythingAcknowledgedSurvivesPowerCuts() throws Exception {
        try (Fire fire = new Fire(disk.path(), Map.of())) {
            for (int round = 1; round <= ROUNDS; round++) {
                fire.load().awaitAcknowledged(random.nextInt(20, 200));
                fire.create(Topic.kept("round-" + round, 1));
                fire.kill();
                cutPower();
                if (random.nextInt(5) == 0) {
                    fire.restartInVain(Duration.ofNanos(random.nextLong(LONGEST_START.toNanos())));
                    cutPower();
                }
                fire.restart();
                fire.audit();
                System.err.println(
                        "power cut "
                                + round
                                + "/"
                                + ROUNDS
                                + ", acknowledged "
                                + fire.history().acknowledgedCount());
            }
            fire.finish();
            assertEquals(0, fire.service().stop());
        }
    }

    @Test
    void failedSyncIsNeverAnAcknowledgementAndTheServiceGoesOnByItself() throws Exception {
        try (Fire fire = new Fire(disk.path(), Map.of())) {
            for (String where : List.of("/ledgers/", "/object-store/", "/ledgers/", "/metadata/")) {
                fire.load().awaitAcknowledged(50);
                disk.failNextSync(where);
                fire.createUntilThere(Topic.kept("after" + where.replace('/', '-'), 1));
                await().atMost(30, SECONDS).until(disk::syncHasFailed);
                fire.createUntilThere(Topic.kept("beyond" + where.replace('/', '-'), 1));
                fire.load().awaitAcknowledged(50);
                System.err.println("survived a failed sync of " + where);
            }
            fire.audit();
            fire.kill();
            disk.lose();
            fire.restart();
            fire.finish();
            assertEquals(0, fire.service().stop());
        }
    }

    @Test
    void nothingIsAcknowledgedBeforeItsSyncAndDamageIsNeverServed() throws Exception {
        try (Service service = Service.start(disk.path());
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
            disk.slowSyncs(SLOW_SYNC);
            for (int i = 0; i < SLOW_PRODUCES; i++) {
                Duration took = produce(tenant);
                assertTrue(took.compareTo(SLOW_SYNC) >= 0, took.toString());
            }
            disk.slowSyncs(Duration.ZERO);
            await().atMost(30, SECONDS).until(() -> produce(tenant).compareTo(SLOW_SYNC) < 0);

            Api operator = api.as(service.operatorKey());
            assertEquals(200, operator.post("/v1/operator/flush", "").status());
            List<String> before = values(tenant);
            Path copy = onlyFile("cache/objects");
            disk.flip(copy, Files.size(copy) / 4);
            assertEquals(before, values(tenant));

            assertEquals(200, operator.post("/v1/operator/drop-local-cache", "").status());
            Path object = onlyFile("object-store/objects");
            disk.flip(object, Files.size(object) / 4);
            Answer refused = tenant.api().get(tenant.partition("t") + "/records?offset=0");
            assertEquals(503, refused.status(), refused.body());
            assertTrue(service.log().contains(object.getFileName().toString()), service.log());
            disk.flip(object, Files.size(object) / 4);
            assertEquals(before, values(tenant));
            assertEquals(0, service.stop());
        }
    }

    /** How long the answer took; longer than the service's part of it, never shorter. */
    private static Duration produce(Tenant tenant) throws IOException {
        long began = System.nanoTime();
        Answer answer =
                tenant.api()
                        .post(
                                tenant.topic("t") + "/records",
                                "{\"value\":{\"type\":\"STRING\",\"data\":\""
                                        + Payload.of("0/0/0", 2_000)
                                        + "\"}}");
        assertEquals(200, answer.status(), answer.body());
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static List<String> values(Tenant tenant) throws IOException {
        return tenant.readAll("t", 0, "string").stream()
                .map(record -> record.at("/value/data").asText())
                .toList();
    }

    private Path onlyFile(String below) throws IOException {
        try (Stream<Path> files = Files.walk(disk.path().resolve(below))) {
            List<Path> found = files.filter(Files::isRegularFile).toList();
            assertEquals(1, found.size(), found.toString());
            return found.getFirst();
        }
    }
}
