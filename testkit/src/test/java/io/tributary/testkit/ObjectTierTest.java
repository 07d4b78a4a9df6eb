package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.minio.BucketExistsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.MinIOContainer;

class ObjectTierTest {
    private static final String PREFIX = "some/prefix/";

    @TempDir Path folder;

    private static SortedMap<String, Long> withoutPrefix(SortedMap<String, Long> content) {
        SortedMap<String, Long> stripped = new TreeMap<>();
        content.forEach((key, size) -> stripped.put(key.substring(PREFIX.length()), size));
        return stripped;
    }

    @Test
    void everyRecordComesBackFromAFolder() throws Exception {
        Path store = folder.resolve("data").resolve("object-store");
        RoundTrip.run(
                folder.resolve("data"),
                Map.of(),
                () -> {
                    SortedMap<String, Long> content = new TreeMap<>();
                    try (Stream<Path> files = Files.walk(store)) {
                        for (Path file : files.filter(Files::isRegularFile).toList()) {
                            content.put(store.relativize(file).toString(), Files.size(file));
                        }
                    }
                    return content;
                });
    }

    @Test
    void everyRecordComesBackOverTheS3Protocol() throws Exception {
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")))) {
            RoundTrip.run(
                    folder.resolve("data"),
                    s3.environment(),
                    () -> withoutPrefix(s3.content()),
                    s3.options());
        }
    }

    @Test
    void everyRecordComesBackFromMinio() throws Exception {
        boolean docker = DockerClientFactory.instance().isDockerAvailable();
        if (!docker) {
            System.err.println("SKIPPED: MinIO through Testcontainers, there is no Docker here.");
        }
        Assumptions.assumeTrue(docker, "no Docker");
        try (MinIOContainer minio =
                new MinIOContainer("minio/minio:RELEASE.2025-09-07T16-13-09Z")) {
            minio.start();
            MinioClient client =
                    MinioClient.builder()
                            .endpoint(minio.getS3URL())
                            .credentials(minio.getUserName(), minio.getPassword())
                            .build();
            if (!client.bucketExists(BucketExistsArgs.builder().bucket("tributary").build())) {
                client.makeBucket(MakeBucketArgs.builder().bucket("tributary").build());
            }
            RoundTrip.run(
                    folder.resolve("data"),
                    Map.of(
                            "AWS_ACCESS_KEY_ID",
                            minio.getUserName(),
                            "AWS_SECRET_ACCESS_KEY",
                            minio.getPassword()),
                    () -> withoutPrefix(S3.content(client, "tributary")),
                    "--object-store=s3://tributary/some/prefix",
                    "--s3-endpoint=" + minio.getS3URL());
        }
    }

    private static Answer produce(Tenant tenant, String topic, String value) throws IOException {
        return tenant.api()
                .post(
                        tenant.topic(topic) + "/records",
                        "{\"value\":{\"type\":\"STRING\",\"data\":\"" + value + "\"}}");
    }

    private static String noise(int seed) {
        StringBuilder text = new StringBuilder();
        long state = seed + 1L;
        for (int i = 0; i < 40_000; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            text.append((char) ('a' + (state >>> 33) % 26));
        }
        return text.toString();
    }

    @Test
    void storeThatIsAwayStopsNeitherProduceNorReadsUntilTheBacklogIsFull() throws Exception {
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")))) {
            List<String> options = new ArrayList<>(List.of(s3.options()));
            options.addAll(List.of("--flush-bytes=64KiB", "--backlog-bytes=1MiB"));
            try (Service service =
                            Service.start(
                                    folder.resolve("data"),
                                    s3.environment(),
                                    options.toArray(String[]::new));
                    Api api = Api.of(service)) {
                Tenant tenant = api.signUp("acme");
                tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
                s3.stop();
                int kept = 0;
                Answer answer = produce(tenant, "t", noise(0));
                while (answer.status() == 200) {
                    kept++;
                    assertTrue(kept < 500, "the backlog has no bound");
                    answer = produce(tenant, "t", noise(kept));
                }
                assertEquals(503, answer.status(), answer.body());
                assertTrue(answer.header("Retry-After").isPresent());
                String record = "{\"value\":{\"type\":\"STRING\",\"data\":\"x\"}}";
                String entries = record.replace("{\"value\"", "{\"id\":\"1\",\"value\"");
                for (Answer many :
                        List.of(
                                tenant.api().post(tenant.topic("t") + "/records", record + record),
                                tenant.api()
                                        .post(
                                                tenant.topic("t") + "/records:batch",
                                                "{\"entries\":[" + entries + "]}"))) {
                    assertTrue(many.body().contains("\"error_code\":503"), many.body());
                    assertTrue(many.header("Retry-After").isPresent(), many.body());
                }
                assertEquals(kept, tenant.readAll("t", 0, "string").size());
                s3.start();
                int count = kept;
                await().atMost(60, TimeUnit.SECONDS)
                        .until(() -> produce(tenant, "t", "again " + count).status() == 200);
                await().atMost(60, TimeUnit.SECONDS)
                        .until(
                                () ->
                                        !tenant.api()
                                                .get(tenant.partition("t") + "/tiers")
                                                .json()
                                                .get("object_store")
                                                .isEmpty());
                assertTrue(tenant.readAll("t", 0, "string").size() > kept);
                assertEquals(0, service.stop());
            }
        }
    }

    @Test
    void whatIsDeletedOrExpiredLeavesTheBucketAndTheDisk() throws Exception {
        try (S3 s3 = new S3(Files.createDirectory(folder.resolve("bucket")));
                Service service =
                        Service.start(folder.resolve("data"), s3.environment(), s3.options());
                Api api = Api.of(service)) {
            Api operator = api.as(service.operatorKey());
            Tenant gone = api.signUp("gone");
            Tenant stays = api.signUp("stays");
            gone.createTopic("deleted", 1, Map.of());
            gone.createTopic("with-tenant", 1, Map.of());
            stays.createTopic("kept", 1, Map.of("retention.ms", "-1"));
            stays.createTopic("short", 1, Map.of("retention.ms", "1000"));
            produce(gone, "deleted", "SECRET-OF-DELETED-TOPIC");
            produce(gone, "with-tenant", "SECRET-OF-TENANT");
            produce(stays, "kept", "kept");
            produce(stays, "short", "SECRET-THAT-EXPIRES");
            operator.post("/v1/operator/flush", "");
            produce(gone, "deleted", "SECRET-IN-THE-LOG");
            assertEquals(204, gone.api().delete(gone.topic("deleted")).status());
            assertEquals(404, gone.api().get(gone.partition("deleted") + "/records").status());
            assertEquals(204, gone.api().delete("/v1/tenants/self").status());
            assertEquals(401, gone.api().get("/v1/tenants/self").status());
            await().atMost(30, TimeUnit.SECONDS)
                    .until(
                            () -> {
                                operator.post("/v1/operator/flush", "");
                                return objects(s3) == 1;
                            });
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> !holds(folder.resolve("data"), "SECRET"));
            assertEquals(1, stays.readAll("kept", 0, "string").size());
            assertEquals(
                    1,
                    stays.api()
                            .get(stays.partition("short") + "/offset")
                            .json()
                            .get("earliest_offset")
                            .asInt());
            assertEquals(
                    416, stays.api().get(stays.partition("short") + "/records?offset=0").status());
            assertEquals(
                    0,
                    operator.post("/v1/operator/scrub", "").json().get("orphans_in_grace").asInt());
            assertEquals(0, service.stop());
        }
    }

    private static long objects(S3 s3) throws IOException {
        return s3.content().keySet().stream()
                .filter(key -> key.startsWith(PREFIX + "objects/"))
                .count();
    }

    /** Whether a file below ledgers or cache holds the text, which short batches keep as it is. */
    private static boolean holds(Path data, String text) throws IOException {
        for (String part : List.of("ledgers", "cache")) {
            try (Stream<Path> files = Files.walk(data.resolve(part))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    try {
                        byte[] content = Files.readAllBytes(file);
                        if (new String(content, java.nio.charset.StandardCharsets.ISO_8859_1)
                                .contains(text)) {
                            return true;
                        }
                    } catch (java.nio.file.NoSuchFileException e) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
