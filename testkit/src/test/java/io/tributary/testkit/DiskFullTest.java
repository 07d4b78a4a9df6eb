package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The running process on a disk of its own that fills up. */
class DiskFullTest {
    private static final int VALUE_BYTES = 64 << 10;

    @TempDir Path folder;
    private final List<Path> mounts = new ArrayList<>();
    private final List<Service> services = new ArrayList<>();
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);

    /** What the producer was told, by offset. */
    private final Map<Long, String> acked = new HashMap<>();

    private Tenant tenant;
    private Answer last;
    private int produced;

    private void mount(Path at, int mebibytes) throws Exception {
        Files.createDirectories(at);
        Process mount =
                new ProcessBuilder(
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "size=" + mebibytes + "m,mode=700",
                                "tributary-test",
                                at.toString())
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        boolean mounted = mount.waitFor() == 0;
        if (!mounted) {
            System.err.println("skipped, no disk can be mounted: " + said);
        }
        assumeTrue(mounted, () -> "no disk can be mounted: " + said);
        mounts.add(at);
    }

    @BeforeEach
    void requireLinux() {
        boolean linux = System.getProperty("os.name").equals("Linux");
        if (!linux) {
            System.err.println("skipped, only Linux has tmpfs");
        }
        assumeTrue(linux, "only Linux has tmpfs");
    }

    @AfterEach
    void unmount() throws Exception {
        for (Service service : services) {
            service.close();
        }
        for (Path mount : mounts.reversed()) {
            new ProcessBuilder("umount", mount.toString()).inheritIO().start().waitFor();
        }
    }

    private Service startAgain(Path data) throws IOException {
        Service service =
                Service.start(data, "--disk-reserve=32MiB", "--shards=1", "--flush-bytes=1GiB");
        services.add(service);
        return service;
    }

    private Service start(Path data) throws Exception {
        Service service = startAgain(data);
        tenant = Api.of(service).signUp("acme");
        Answer topic =
                tenant.createTopic(
                        "t", 1, Map.of("retention.ms", "-1", "compression.type", "uncompressed"));
        assertEquals(201, topic.status(), topic.body());
        return service;
    }

    /** Produces one large record under a key of its own; true when it was taken. */
    private boolean produce(String key) throws IOException {
        byte[] noise = new byte[VALUE_BYTES / 2];
        RandomGeneratorFactory.of("L64X128MixRandom").create(key.hashCode()).nextBytes(noise);
        String value = HexFormat.of().formatHex(noise);
        last =
                tenant.api()
                        .post(
                                tenant.topic("t") + "/records",
                                "{\"value\":{\"type\":\"STRING\",\"data\":\"" + value + "\"}}\n",
                                "Content-Type",
                                "application/json",
                                "Idempotency-Key",
                                key);
        JsonNode report = last.jsons().getFirst();
        if (last.status() != 200 || report.get("error_code").asInt() != 200) {
            assertEquals(503, report.get("error_code").asInt(), last.body());
            return false;
        }
        String before = acked.put(report.get("offset").asLong(), value);
        assertTrue(before == null || before.equals(value), "one offset for two records");
        return true;
    }

    private void produceUntilRefused() throws IOException {
        while (produce("k" + produced)) {
            produced++;
            assertTrue(produced < 10_000, "never refused");
        }
    }

    private void checkEverythingAcked() throws IOException {
        List<JsonNode> records = tenant.readAll("t", 0, "string");
        assertEquals(acked.size(), records.size());
        for (JsonNode record : records) {
            long offset = record.get("offset").asLong();
            assertEquals(acked.get(offset), record.at("/value/data").asText(), "at " + offset);
        }
    }

    private void fillUp(Path ballast, long leaveBytes) throws IOException {
        FileStore disk = Files.getFileStore(ballast.getParent());
        byte[] block = new byte[64 << 10];
        random.nextBytes(block);
        try (var out = Files.newOutputStream(ballast)) {
            while (disk.getUsableSpace() > leaveBytes) {
                out.write(block, 0, (int) Math.min(block.length, disk.getUsableSpace()));
            }
        } catch (IOException e) {
            assertTrue(disk.getUsableSpace() <= leaveBytes, e::toString);
        }
    }

    private int well(Service service) throws IOException {
        return Api.of(service).get("/q/health/well").status();
    }

    @Test
    void produceIsRefusedAtTheReserveReadsGoOnAndRoomBringsItBack() throws Exception {
        Path disk = folder.resolve("disk");
        mount(disk, 144);
        Path ballast = Files.write(disk.resolve("ballast"), new byte[60 << 20]);
        try (Service service = start(disk.resolve("data"))) {
            assertEquals(200, well(service));
            produceUntilRefused();
            assertTrue(last.body().contains("disk is full"), last.body());
            assertTrue(Files.getFileStore(disk).getUsableSpace() > 8 << 20, "the reserve is gone");
            checkEverythingAcked();
            assertEquals(503, well(service));
            Api api = Api.of(service);
            assertEquals(200, api.get("/q/health/ready").status());
            Answer metrics = api.as(service.operatorKey()).get("/q/metrics");
            assertTrue(metrics.body().contains("tributary_disk_usable_bytes"), metrics.body());
            Files.delete(ballast);
            await().atMost(8, TimeUnit.SECONDS).until(() -> produce("k" + produced));
            checkEverythingAcked();
            assertEquals(200, well(service));
            assertEquals(0, service.stop());
        }
    }

    @Test
    void ledgersThatRunIntoTheEndOfTheirDiskLoseNothingAndComeBack() throws Exception {
        Path data = folder.resolve("data");
        mount(data.resolve("ledgers"), 64);
        Path ballast = data.resolve("ledgers").resolve("ballast");
        try (Service service = start(data)) {
            for (int round = 0; round < 3; round++) {
                assertTrue(produce("k" + produced++));
                fillUp(ballast, 0);
                // The shard's own work does not heed the reserve, and finds the disk full.
                Api operator = Api.of(service).as(service.operatorKey());
                assertEquals(503, operator.post("/v1/operator/flush", "").status());
                await().atMost(8, TimeUnit.SECONDS)
                        .until(
                                () ->
                                        !produce("k" + produced)
                                                && last.body().contains("disk is full"));
                checkEverythingAcked();
                Files.delete(ballast);
                await().atMost(15, TimeUnit.SECONDS).until(() -> produce("k" + produced));
                produced++;
                checkEverythingAcked();
            }
            assertTrue(service.log().contains("no room for"), "the disk was never full");
            fillUp(ballast, 0);
            service.kill();
        }
        // Killed on a full disk, it starts on the full disk, too.
        String authorization = tenant.api().authorization();
        try (Service service = startAgain(data)) {
            Api api = Api.of(service).withAuthorization(authorization);
            tenant = new Tenant(tenant.tenantId(), tenant.clusterId(), tenant.keyId(), api);
            checkEverythingAcked();
            assertTrue(!produce("k" + produced));
            Files.delete(ballast);
            await().atMost(15, TimeUnit.SECONDS).until(() -> produce("k" + produced));
            checkEverythingAcked();
            assertEquals(0, service.stop());
        }
    }

    @Test
    void cacheWithoutRoomStopsNeitherProduceNorReads() throws Exception {
        Path data = folder.resolve("data");
        mount(data.resolve("cache"), 1);
        try (Service service = start(data)) {
            for (; produced < 40; produced++) {
                assertTrue(produce("k" + produced), () -> last.body());
            }
            Api operator = Api.of(service).as(service.operatorKey());
            assertEquals(503, operator.post("/v1/operator/flush", "").status());
            assertTrue(produce("k" + produced++));
            checkEverythingAcked();
            Process bigger =
                    new ProcessBuilder(
                                    "mount",
                                    "-o",
                                    "remount,size=64m",
                                    data.resolve("cache").toString())
                            .inheritIO()
                            .start();
            assertEquals(0, bigger.waitFor());
            Answer flushed = operator.post("/v1/operator/flush", "");
            assertEquals(200, flushed.status(), flushed.body());
            checkEverythingAcked();
            assertEquals(0, service.stop());
        }
    }
}
