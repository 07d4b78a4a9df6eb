package io.tributary.testkit;

import static io.tributary.testkit.LostNode.BACKUPS;
import static io.tributary.testkit.LostNode.as;
import static io.tributary.testkit.LostNode.awaitBackup;
import static io.tributary.testkit.LostNode.restore;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's disk is gone; the object store, and sometimes the ledgers, are left. */
class RecoveryTest {
    private static final long GAP = 1_000_000_000;

    @TempDir Path folder;

    private String store() {
        return LostNode.store(folder.resolve("store"));
    }

    private String[] options() {
        return new String[] {"--object-store=" + store(), BACKUPS};
    }

    private static Answer produce(Tenant tenant, String topic, String value) throws IOException {
        return tenant.api()
                .post(
                        tenant.topic(topic) + "/records",
                        "{\"value\":{\"type\":\"STRING\",\"data\":\"" + value + "\"}}");
    }

    private static void produceEarthquakes(Tenant tenant, int partitions) throws IOException {
        assertEquals(
                201,
                tenant.createTopic("earthquakes", partitions, Map.of("retention.ms", "-1"))
                        .status());
        assertEquals(
                200,
                tenant.api()
                        .post(
                                tenant.topic("earthquakes") + "/records?key=/network",
                                Earthquakes.text(),
                                "Content-Type",
                                "application/x-ndjson")
                        .status());
    }

    /** All lines of a partition as a fetch gives them. */
    private static String fetchLines(Tenant tenant, int partition) throws IOException {
        StringBuilder lines = new StringBuilder();
        String next = "0";
        while (true) {
            Answer answer =
                    tenant.api()
                            .get(
                                    tenant.topic("earthquakes")
                                            + "/partitions/"
                                            + partition
                                            + "/records?offset="
                                            + next,
                                    "Accept",
                                    "application/x-ndjson");
            lines.append(answer.body());
            next = answer.header("X-Next-Offset").orElseThrow();
            if (next.equals(answer.header("X-High-Watermark").orElseThrow())) {
                return lines.toString();
            }
        }
    }

    private static void setLimits(Tenant tenant, Api operator) throws IOException {
        String path = "/v1/tenants/" + tenant.tenantId();
        for (Answer set :
                List.of(
                        operator.put(path + "/quotas", "{\"quotas\":{\"topics\":17}}"),
                        operator.put(
                                path + "/broker-configs",
                                "{\"configs\":[{\"name\":\"num.partitions\",\"value\":\"5\"}]}"),
                        tenant.api()
                                .put(
                                        "/v1/api-keys/" + tenant.keyId() + "/quotas",
                                        "{\"quotas\":{\"requests_per_second\":1234}}"))) {
            assertEquals(200, set.status(), set.body());
        }
    }

    /** What a tenant may and is, but for what it uses. */
    private static String limits(Tenant tenant, Api operator) throws IOException {
        String path = "/v1/tenants/" + tenant.tenantId();
        ObjectNode own = (ObjectNode) operator.get(path + "/quotas").json();
        ObjectNode keys =
                (ObjectNode) tenant.api().get("/v1/api-keys/" + tenant.keyId() + "/quotas").json();
        own.remove("usage");
        keys.remove("usage");
        String all = own + " " + keys + operator.get(path + "/broker-configs").body();
        assertTrue(all.contains("17") && all.contains("1234") && all.contains("\"5\""), all);
        return all;
    }

    private static List<Path> below(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void nodeComesBackFromTheStoreAlone() throws Exception {
        Path data = folder.resolve("data");
        Path anew = folder.resolve("anew");
        Tenant tenant;
        String limits;
        List<String> fetched = new ArrayList<>();
        try (Service service = Service.start(data, options());
                Api api = Api.of(service)) {
            tenant = api.signUp("seismology");
            produceEarthquakes(tenant, 2);
            tenant.createTopic("removed", 1, Map.of());
            produce(tenant, "removed", "must not come back");
            Api operator = api.as(service.operatorKey());
            assertEquals(200, operator.post("/v1/operator/flush", "").status());
            setLimits(tenant, operator);
            limits = limits(tenant, operator);
            assertEquals(204, tenant.api().delete(tenant.topic("removed")).status());
            fetched.add(fetchLines(tenant, 0));
            fetched.add(fetchLines(tenant, 1));
            awaitBackup(api);
            produce(tenant, "earthquakes", "never tiered");
            service.kill();
        }

        // Without any server, cat prints what a fetch gave.
        Command.Ended cat = Command.run(Map.of(), List.of("cat", store(), "earthquakes"));
        assertEquals(0, cat.code(), cat.errors());
        assertEquals(fetched.get(0) + fetched.get(1), cat.output());

        // The newest backup is damaged: the one before it will do.
        List<Path> backups = below(folder.resolve("store").resolve("metadata"));
        Path newest = backups.getLast();
        byte[] content = Files.readAllBytes(newest);
        content[content.length / 2] ^= 1;
        Files.write(newest.resolveSibling(next(newest)), content);

        List<Path> before = below(folder.resolve("store"));
        Command.Ended dry =
                restore(
                        Map.of(),
                        "--object-store",
                        store(),
                        "--data",
                        anew.toString(),
                        "--dry-run");
        assertEquals(0, dry.code(), dry.errors());
        assertTrue(dry.output().contains("seismology"), dry.output());
        assertTrue(dry.output().contains("Warning: metadata/"), dry.output());
        assertEquals(before, below(folder.resolve("store")));
        assertFalse(Files.exists(anew));

        Command.Ended restored =
                restore(Map.of(), "--object-store", store(), "--data", anew.toString());
        assertEquals(0, restored.code(), restored.errors());
        assertTrue(below(folder.resolve("store")).containsAll(before));

        try (Service service = Service.start(anew, options());
                Api api = Api.of(service)) {
            Tenant again = as(tenant, api);
            assertEquals(fetched.get(0), fetchLines(again, 0));
            assertEquals(fetched.get(1), fetchLines(again, 1));
            assertEquals(limits, limits(again, api.as(service.operatorKey())));
            assertEquals(404, again.api().get(again.topic("removed")).status());
            JsonNode report = produce(again, "earthquakes", "new").json();
            assertTrue(report.get("offset").asLong() >= GAP, report.toString());
            assertEquals(201, again.createTopic("removed", 1, Map.of()).status());
            assertEquals(0, again.readAll("removed", 0, "binary").size());
            JsonNode scrub = api.as(service.operatorKey()).post("/v1/operator/scrub", "").json();
            assertEquals(0, scrub.get("missing").size(), scrub.toString());
            assertEquals(0, service.stop());
        }

        // The old folder's time is over, and a new one is not let onto the store either.
        IOException old = assertThrows(IOException.class, () -> Service.start(data, options()));
        assertTrue(old.getMessage().contains("time is over"), old.getMessage());
        IOException other =
                assertThrows(
                        IOException.class, () -> Service.start(folder.resolve("x"), options()));
        assertTrue(other.getMessage().contains("belongs to deployment"), other.getMessage());
    }

    /** The name of a backup that follows this one. */
    private static String next(Path backup) {
        String[] parts = backup.getFileName().toString().split("-", 3);
        return "%s-%016x-%s".formatted(parts[0], Long.parseLong(parts[1], 16) + 1, parts[2]);
    }

    @Test
    void survivingLedgersBringBackEverythingOverTheS3Protocol() throws Exception {
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")))) {
            List<String> options = new ArrayList<>(List.of(s3.options()));
            List<String> up = new ArrayList<>(options);
            up.add(BACKUPS);
            Path data = folder.resolve("data");
            Tenant tenant;
            try (Service service =
                            Service.start(data, s3.environment(), up.toArray(String[]::new));
                    Api api = Api.of(service)) {
                tenant = api.signUp("acme");
                tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
                produce(tenant, "t", "tiered");
                api.as(service.operatorKey()).post("/v1/operator/flush", "");
                produce(tenant, "t", "in a ledger");
                awaitBackup(api);
                service.kill();
            }
            Path ledgers = folder.resolve("ledgers");
            Files.move(data.resolve("ledgers"), ledgers);
            Path anew = folder.resolve("anew");
            options.addAll(List.of("--data=" + anew, "--ledgers=" + ledgers, "--offset-gap=0"));
            Command.Ended restored = restore(s3.environment(), options.toArray(String[]::new));
            assertEquals(0, restored.code(), restored.errors());
            try (Service service =
                            Service.start(anew, s3.environment(), up.toArray(String[]::new));
                    Api api = Api.of(service)) {
                Tenant again = as(tenant, api);
                assertEquals(2, again.readAll("t", 0, "string").size());
                assertEquals(2, produce(again, "t", "new").json().get("offset").asInt());
                assertEquals(0, service.stop());
            }
            Command.Ended cat =
                    Command.run(
                            s3.environment(),
                            List.of(
                                    "cat",
                                    "s3://tributary/some/prefix",
                                    "t",
                                    "--s3-endpoint=" + s3.endpoint(),
                                    "--from=1",
                                    "--to=3",
                                    "--format=raw"));
            assertEquals("in a ledger\nnew\n", cat.output(), cat.errors());
        }
    }

    @Test
    void nodeThatIsAliveStopsWhenItsStoreIsRestoredElsewhere() throws Exception {
        Path data = folder.resolve("data");
        Path anew = folder.resolve("anew");
        try (Service service = Service.start(data, options());
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of());
            awaitBackup(api);

            assertEquals(
                    3,
                    restore(Map.of(), "--object-store", store(), "--data", data.toString()).code());
            Command.Ended restored =
                    restore(Map.of(), "--object-store", store(), "--data", anew.toString());
            assertEquals(0, restored.code(), restored.errors());

            await().atMost(Duration.ofSeconds(30)).until(() -> !service.isAlive());
            assertEquals(4, service.stop());
            assertTrue(service.log().contains("another node was restored"), service.log());
        }
    }

    @Test
    void whatCannotBeRestoredOrReadIsRefusedInOneLine() throws Exception {
        Path full = Files.createDirectories(folder.resolve("full"));
        Files.writeString(full.resolve("something"), "");
        Command.Ended taken =
                restore(Map.of(), "--object-store", store(), "--data", full.toString());
        assertEquals(4, taken.code(), taken.errors());
        assertTrue(taken.errors().contains("not empty"), taken.errors());

        Path anew = folder.resolve("anew");
        Command.Ended missing =
                restore(Map.of(), "--object-store", store(), "--data", anew.toString());
        assertEquals(1, missing.code(), missing.errors());
        assertTrue(missing.errors().contains("is not there"), missing.errors());
        assertFalse(Files.exists(anew));

        Files.createDirectories(folder.resolve("store"));
        Command.Ended wrong =
                restore(Map.of(), "--object-store", store(), "--data", anew.toString());
        assertEquals(4, wrong.code(), wrong.errors());
        assertTrue(wrong.errors().contains("right bucket"), wrong.errors());
        assertFalse(Files.exists(anew));

        assertEquals(2, restore(Map.of(), "--data", anew.toString()).code());
        assertEquals(2, restore(Map.of(), "--no-such=1").code());
        Command.Ended cat = Command.run(Map.of(), List.of("cat", store(), "t"));
        assertEquals(4, cat.code(), cat.errors());
        assertEquals(2, Command.run(Map.of(), List.of("cat", store())).code());
        assertEquals("", cat.output());
    }
}
