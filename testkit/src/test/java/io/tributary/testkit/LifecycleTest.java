package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleTest {
    @TempDir Path folder;

    private record Ended(int code, String output) {}

    private Ended run(Path data, String... options) throws Exception {
        Process process =
                new ProcessBuilder(Service.command(data, List.of(options)))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return new Ended(process.exitValue(), output);
    }

    @Test
    void wrongOptionStopsTheStartAndIsNamed() throws Exception {
        Path data = folder.resolve("data");
        for (String option :
                List.of(
                        "--flush-age=soon",
                        "--shards=0",
                        "--object-store=ftp://x",
                        "--no-such=1")) {
            Ended ended = run(data, option);
            assertEquals(2, ended.code(), ended.output());
            String name = option.substring(0, option.indexOf('='));
            assertTrue(ended.output().contains(name), ended.output());
            assertEquals(1, ended.output().lines().count(), ended.output());
        }
        assertTrue(Files.notExists(data));
    }

    @Test
    void secondStartOnAFolderIsRefusedAndFilesAreSafe() throws Exception {
        Path data = folder.resolve("data");
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            Ended second = run(data);
            assertEquals(3, second.code());
            assertTrue(second.output().contains(data.toString()), second.output());
            for (String secret : List.of("operator.key", "tls/ca.key", "tls/server.key")) {
                assertEquals(
                        PosixFilePermissions.fromString("rw-------"),
                        Files.getPosixFilePermissions(data.resolve(secret)),
                        secret);
            }
            assertTrue(service.operatorKey().matches("[A-Z2-7]{16}:[\\w-]{43}"));
            for (String path : List.of("/q/health/live", "/q/health/ready")) {
                assertEquals(200, api.get(path).status());
            }
            assertTrue(api.get("/q/metrics").body().contains("tributary_shard_ledger_bytes"));
            assertEquals(401, api.get("/q/metrics", "X-Forwarded-For", "192.0.2.1").status());
            String openApi = api.get("/q/openapi").body();
            assertTrue(openApi.startsWith("---\nopenapi: 3.1"), openApi.substring(0, 40));
            assertTrue(openApi.contains("/v1/tenants") && openApi.contains("records:batch"));
            assertEquals(0, service.stop());
        }
    }

    @Test
    void stopUnderLoadLosesNothingThatWasAcknowledged() throws Exception {
        Path data = folder.resolve("data");
        AtomicInteger acked = new AtomicInteger();
        Tenant tenant;
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
            Thread producer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            while (produce(tenant).status() == 200) {
                                                acked.incrementAndGet();
                                            }
                                        } catch (IOException e) {
                                            // The service has gone, as it was told to.
                                            return;
                                        }
                                    });
            org.awaitility.Awaitility.await().until(() -> acked.get() > 200);
            assertEquals(0, service.stop());
            producer.join();
        }
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            Tenant again =
                    new Tenant(
                            tenant.tenantId(),
                            tenant.clusterId(),
                            tenant.keyId(),
                            api.withAuthorization(tenant.api().authorization()));
            int found = again.readAll("t", 0, "string").size();
            assertTrue(found >= acked.get() && found <= acked.get() + 1, found + " " + acked);
            assertEquals(0, service.stop());
        }
    }

    private static Answer produce(Tenant tenant) throws IOException {
        return tenant.api()
                .post(
                        tenant.topic("t") + "/records",
                        "{\"value\":{\"type\":\"STRING\",\"data\":\"x\"}}");
    }
}
