package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The main job: sign up, produce, flush, drop the cache, restart, read everything back from the
 * object tier.
 */
final class RoundTrip {
    private RoundTrip() {}

    /** Looks into the object store from outside: keys, without its prefix, and sizes. */
    interface Eye {
        SortedMap<String, Long> content() throws IOException;
    }

    static void run(Path data, Map<String, String> environment, Eye eye, String... options)
            throws Exception {
        Tenant tenant;
        String authorization;
        try (Service service = Service.start(data, environment, options);
                Api api = Api.of(service)) {
            tenant = api.signUp("seismology");
            authorization = tenant.api().authorization();
            assertEquals(
                    201,
                    tenant.createTopic("earthquakes", 3, Map.of("retention.ms", "-1")).status());
            Answer produced =
                    tenant.api()
                            .post(
                                    tenant.topic("earthquakes") + "/records?key=/network",
                                    Earthquakes.text(),
                                    "Content-Type",
                                    "application/x-ndjson");
            assertEquals(200, produced.status());
            List<JsonNode> reports = produced.jsons();
            assertEquals(1_707, reports.size());
            assertTrue(reports.stream().allMatch(r -> r.get("error_code").asInt() == 200));

            Api operator = api.as(service.operatorKey());
            assertEquals(1, operator.post("/v1/operator/flush", "").json().get("objects").asInt());
            assertEquals(200, operator.post("/v1/operator/drop-local-cache", "").status());
            String puts = "tributary_object_store_requests_total{kind=\"put\",shard=\"0\"} ";
            assertTrue(
                    api.get("/q/metrics")
                            .body()
                            .lines()
                            .filter(line -> line.startsWith(puts))
                            .anyMatch(
                                    line ->
                                            Double.parseDouble(line.substring(puts.length()))
                                                    >= 1));
            assertEquals(0, service.stop());
        }
        try (Service service = Service.start(data, environment, options);
                Api api = Api.of(service)) {
            Tenant again =
                    new Tenant(
                            tenant.tenantId(),
                            tenant.clusterId(),
                            tenant.keyId(),
                            api.withAuthorization(authorization));
            check(again, eye);
            JsonNode scrub = api.as(service.operatorKey()).post("/v1/operator/scrub", "").json();
            assertEquals(0, scrub.get("missing").size());
            assertEquals(0, scrub.get("orphans_in_grace").asInt());
            assertEquals(0, scrub.get("unexplained").asInt());
            assertEquals(
                    scrub.get("objects").asInt(),
                    scrub.get("live").asInt() + scrub.get("snapshots").asInt());
            assertEquals(0, service.stop());
        }
    }

    private static void check(Tenant tenant, Eye eye) throws IOException {
        Map<String, List<String>> sent = new HashMap<>();
        for (String line : Earthquakes.lines()) {
            String network = new ObjectMapper().readTree(line).get("network").asText();
            sent.computeIfAbsent(network, n -> new ArrayList<>()).add(line);
        }
        Map<String, List<String>> read = new HashMap<>();
        long count = 0;
        for (int partition = 0; partition < 3; partition++) {
            JsonNode tiers =
                    tenant.api()
                            .get(
                                    tenant.topic("earthquakes")
                                            + "/partitions/"
                                            + partition
                                            + "/tiers")
                            .json();
            assertEquals(0, tiers.get("ledgers").size());
            assertEquals(0, tiers.get("local_segments").size());
            SortedMap<String, Long> stored = eye.content();
            long expected = 0;
            for (JsonNode range : tiers.get("object_store")) {
                assertEquals(expected, range.get("start_offset").asLong());
                expected = range.get("end_offset").asLong();
                Long size = stored.get(range.get("where").asText());
                assertTrue(size != null && size > range.get("bytes").asLong(), stored.toString());
            }
            assertEquals(tiers.get("high_watermark").asLong(), expected);
            long offset = 0;
            for (JsonNode record : tenant.readAll("earthquakes", partition, "binary")) {
                assertEquals(offset++, record.get("offset").asLong());
                read.computeIfAbsent(text(record.get("key")), n -> new ArrayList<>())
                        .add(text(record.get("value")));
                count++;
            }
            assertEquals(expected, offset);
        }
        assertEquals(1_707, count);
        assertEquals(sent, read);
    }

    private static String text(JsonNode datum) {
        return new String(
                Base64.getDecoder().decode(datum.get("data").asText()), StandardCharsets.UTF_8);
    }
}
