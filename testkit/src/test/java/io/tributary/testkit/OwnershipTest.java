package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnershipTest {
    private static final int WRONG_OPTION = 2;

    @TempDir Path folder;

    private String refused(Path data, Map<String, String> environment, String... options)
            throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Service.command(data, List.of(options)));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(WRONG_OPTION, process.exitValue(), output);
        assertFalse(output.contains("\tat "), output);
        return output;
    }

    private static SortedMap<String, Long> content(Path store) throws IOException {
        SortedMap<String, Long> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(store.relativize(file).toString(), Files.size(file));
            }
        }
        return content;
    }

    private static Tenant again(Tenant tenant, Api api) {
        return new Tenant(
                tenant.tenantId(),
                tenant.clusterId(),
                tenant.keyId(),
                api.withAuthorization(tenant.api().authorization()));
    }

    private static void produce(Tenant tenant, int partition) throws IOException {
        Answer answer =
                tenant.api()
                        .post(
                                tenant.topic("t") + "/records",
                                "{\"partition_id\":"
                                        + partition
                                        + ",\"value\":{\"type\":\"STRING\",\"data\":\"x\"}}");
        assertEquals(200, answer.status(), answer.body());
    }

    @Test
    void startWithFewerShardsIsRefusedAndChangesNothing() throws Exception {
        Path data = folder.resolve("data");
        Tenant tenant;
        try (Service service = Service.start(data, "--shards=2");
                Api api = Api.of(service)) {
            tenant = api.signUp("acme");
            tenant.createTopic("t", 2, Map.of("retention.ms", "-1"));
            produce(tenant, 0);
            produce(tenant, 1);
            service.kill();
        }
        assertTrue(refused(data, Map.of(), "--shards=1").contains("--shards"));
        try (Service service = Service.start(data, "--shards=2");
                Api api = Api.of(service)) {
            assertEquals(1, again(tenant, api).readAll("t", 0, "string").size());
            assertEquals(1, again(tenant, api).readAll("t", 1, "string").size());
        }
    }

    @Test
    void objectStoreHasOneDeploymentAndADeploymentOneObjectStore() throws Exception {
        Path store = folder.resolve("store");
        String shared = "--object-store=" + store.toUri();
        Path first = folder.resolve("first");
        try (Service service = Service.start(first, shared);
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
            produce(tenant, 0);
            assertEquals(0, service.stop());
        }
        SortedMap<String, Long> before = content(store);
        assertTrue(before.containsKey("tributary.json"), before.toString());
        String id =
                Files.readString(store.resolve("tributary.json"))
                        .replaceAll(".*\"id\":\"|\"}\n", "");

        String foreign = refused(folder.resolve("second"), Map.of(), shared, "--orphan-grace=0ms");
        assertTrue(foreign.contains("--object-store") && foreign.contains(id), foreign);
        assertEquals(before, content(store));

        String other = refused(first, Map.of());
        assertTrue(other.contains("--object-store") && other.contains(id), other);
        assertEquals(new TreeMap<>(), content(first.resolve("object-store")));
        try (Service service = Service.start(first, shared)) {
            assertEquals(0, service.stop());
        }
    }

    private static JsonNode objectStore(Api api) throws IOException {
        Answer ready = api.get("/q/health/ready");
        assertEquals(200, ready.status());
        for (JsonNode check : ready.json().get("checks")) {
            if (check.get("name").asText().equals("object-store")) {
                return check.get("data");
            }
        }
        throw new AssertionError("no object-store in " + ready.body());
    }

    @Test
    void objectStoreThatIsAwayAtStartIsToldAndClaimedWhenItIsBack() throws Exception {
        Path data = folder.resolve("data");
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")))) {
            s3.stop();
            try (Service service = Service.start(data, s3.environment(), s3.options());
                    Api api = Api.of(service)) {
                assertTrue(service.log().contains("WARN"), service.log());
                assertFalse(objectStore(api).get("usable").asBoolean());
                Tenant tenant = api.signUp("acme");
                tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
                produce(tenant, 0);
                s3.start();
                await().atMost(60, TimeUnit.SECONDS)
                        .until(() -> objectStore(api).get("usable").asBoolean());
                assertTrue(s3.content().containsKey("some/prefix/tributary.json"));
                assertEquals(
                        200, api.as(service.operatorKey()).post("/v1/operator/flush", "").status());
                assertEquals(0, service.stop());
            }
        }
    }

    @Test
    void objectStoreThatRefusesStopsTheStart() throws Exception {
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")))) {
            Path data = folder.resolve("data");
            String noBucket =
                    refused(
                            data,
                            s3.environment(),
                            "--object-store=s3://no-such-bucket",
                            "--s3-endpoint=" + s3.endpoint());
            assertTrue(noBucket.contains("--object-store"), noBucket);
            String noAccess =
                    refused(
                            data,
                            Map.of("AWS_ACCESS_KEY_ID", "wrong", "AWS_SECRET_ACCESS_KEY", "wrong"),
                            s3.options());
            assertTrue(noAccess.contains("--object-store"), noAccess);
        }
    }
}
