package io.tributary.testkit.fire;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.FaultProxy;
import io.tributary.testkit.FaultProxy.Fault;
import io.tributary.testkit.S3;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The object store answers wrongly, late or not at all, while records are produced and read. */
class StoreFaultTest {
    private static final boolean ALL = Boolean.getBoolean("all");
    private static final Duration OUTAGE =
            Duration.ofSeconds(Long.getLong("outage.seconds", ALL ? 300 : 20));

    /** Longer than a call to the store may take, where there is time for that. */
    private static final Duration HANG = Duration.ofSeconds(ALL ? 45 : 3);

    private static final int STRIKES = 5;
    private static final int FLOOD_LETTERS = 500_000;

    private static final List<Map<Fault, Double>> STORMS =
            List.of(
                    Map.of(Fault.SLOW_DOWN, 0.7),
                    Map.of(Fault.LOST_ANSWER, 0.4),
                    Map.of(Fault.TRUNCATED, 0.4),
                    Map.of(Fault.FLIPPED, 0.4),
                    Map.of(Fault.FLIPPED_REQUEST, 0.4),
                    Map.of(
                            Fault.SLOW_DOWN, 0.1,
                            Fault.LOST_ANSWER, 0.1,
                            Fault.TRUNCATED, 0.1,
                            Fault.FLIPPED, 0.1,
                            Fault.FLIPPED_REQUEST, 0.1,
                            Fault.OUTAGE, 0.1));

    @TempDir Path folder;

    @Test
    void whateverTheStoreDoesNothingIsLostDoubledOrLeftBehind() throws Exception {
        RandomGenerator random = Seed.of("store faults");
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")));
                FaultProxy proxy = new FaultProxy(URI.create(s3.endpoint()).getPort(), random);
                Fire fire =
                        new Fire(
                                folder.resolve("data"),
                                s3.environment(),
                                s3.options()[0],
                                "--s3-endpoint=" + proxy.endpoint(),
                                // More than the load produces while the store is away.
                                "--backlog-bytes=" + OUTAGE.toSeconds() + "MiB")) {
            fire.load().awaitAcknowledged(200);
            for (Map<Fault, Double> storm : STORMS) {
                storm(fire, proxy, storm);
            }
            hang(fire, proxy);
            outage(fire, proxy);
            fire.finish();
            assertEquals(
                    fire.target()
                            .operator()
                            .get("/v1/operator/scrub")
                            .json()
                            .get("objects")
                            .asInt(),
                    s3.content().keySet().stream()
                            .filter(key -> key.matches(".*/(objects|snapshots)/.*"))
                            .count());
            assertEquals(0, fire.service().stop());
        }
    }

    /** Until each fault struck often, everything is read cold, and the records are all there. */
    private static void storm(Fire fire, FaultProxy proxy, Map<Fault, Double> faults)
            throws IOException {
        Map<Fault, Long> before = new java.util.EnumMap<>(Fault.class);
        faults.keySet().forEach(fault -> before.put(fault, proxy.struck(fault)));
        long refusals = fire.refusals();
        proxy.spoil(faults);
        fire.load().awaitAcknowledged(100);
        await().atMost(120, SECONDS)
                .until(
                        () -> {
                            fire.dropCache();
                            fire.audit();
                            return faults.keySet().stream()
                                    .allMatch(
                                            fault ->
                                                    proxy.struck(fault)
                                                            >= before.get(fault) + STRIKES);
                        });
        proxy.spoil(Map.of());
        fire.load().awaitAcknowledged(50);
        fire.audit();
        System.err.println(
                "store storm "
                        + faults.keySet()
                        + " is over, reads refused "
                        + (fire.refusals() - refusals)
                        + ", acknowledged "
                        + fire.history().acknowledgedCount());
    }

    private static void hang(Fire fire, FaultProxy proxy) throws IOException {
        long before = proxy.struck(Fault.HANG);
        proxy.spoil(Map.of(Fault.HANG, 1.0));
        goesOnFor(fire, HANG);
        await().atMost(60, SECONDS).until(() -> proxy.struck(Fault.HANG) > before);
        proxy.spoil(Map.of());
        fire.audit();
        System.err.println("store hang is over");
    }

    private static void outage(Fire fire, FaultProxy proxy) throws IOException {
        proxy.spoil(Map.of(Fault.OUTAGE, 1.0));
        goesOnFor(fire, OUTAGE);
        System.err.println("store away for " + OUTAGE + ", produce went on");

        fire.create(Topic.kept("flood", 1));
        int kept = 0;
        Answer answer = flood(fire, kept);
        while (answer.status() == 200) {
            kept++;
            answer = flood(fire, kept);
        }
        assertEquals(503, answer.status(), answer.body());
        assertTrue(answer.header("Retry-After").isPresent());
        assertTrue(answer.body().contains("backlog"), answer.body());

        proxy.spoil(Map.of());
        int next = kept;
        await().atMost(60, SECONDS).until(() -> flood(fire, next).status() == 200);
        fire.load().awaitAcknowledged(50);
        fire.audit();
        assertEquals(kept + 1, fire.target().tenant().readAll("flood", 0, "string").size());
        System.err.println("store is back, backlog was full after " + kept + " large records");
    }

    /** Produce goes on, to the very end. */
    private static void goesOnFor(Fire fire, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            fire.load().awaitAcknowledged(20);
        }
    }

    private static Answer flood(Fire fire, int number) throws IOException {
        return fire.target()
                .tenant()
                .api()
                .post(
                        fire.target().tenant().topic("flood") + "/records",
                        "{\"value\":{\"type\":\"STRING\",\"data\":\""
                                + Payload.of("flood/" + number + "/0", FLOOD_LETTERS)
                                + "\"}}",
                        "Content-Type",
                        "application/json",
                        "Idempotency-Key",
                        "flood-" + number);
    }
}
