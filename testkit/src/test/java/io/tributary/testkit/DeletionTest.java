package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletionTest {
    @TempDir Path folder;

    private static Answer produce(Tenant tenant, String more) throws IOException {
        return tenant.api()
                .post(
                        tenant.topic("t") + "/records",
                        "{\"value\":{\"type\":\"STRING\",\"data\":\"v\"}" + more + "}");
    }

    private static Answer delete(Tenant tenant, String body) throws IOException {
        return tenant.api().post(tenant.partition("t") + "/records:delete", body);
    }

    @Test
    void recordsAreDeletedUpToAnOffsetAndReceiptsOutliveAKill() throws Exception {
        Path data = folder.resolve("data");
        String topicId;
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
            for (int i = 0; i < 3; i++) {
                assertEquals(200, produce(tenant, "").status());
            }
            Api operator = api.as(service.operatorKey());
            operator.post("/v1/operator/flush", "");
            Answer deleted = delete(tenant, "{\"before_offset\":2}");
            assertEquals(200, deleted.status(), deleted.body());
            assertEquals(2, deleted.json().get("low_watermark").asInt());
            assertEquals(
                    416, tenant.api().get(tenant.partition("t") + "/records?offset=1").status());
            assertEquals(1, operator.get("/v1/operator/receipts").json().get("receipts").size());
            service.kill();
        }
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            Api operator = api.as(service.operatorKey());
            JsonNode receipt = operator.get("/v1/operator/receipts").json().get("receipts").get(0);
            topicId = receipt.get("topic_id").asText();
            assertEquals("records_deleted", receipt.get("why").asText());
            assertEquals("t", receipt.get("topic_name").asText());
            assertEquals(0, receipt.get("start_offset").asInt());
            assertEquals(2, receipt.get("end_offset").asInt());
            assertTrue(receipt.get("confirmed_at").isNull(), receipt.toString());
            Tenant other = api.signUp("other");
            assertEquals(
                    403, other.api().get("/v1/operator/receipts").status(), "a tenant reads them");
            assertEquals(
                    0,
                    operator.get("/v1/operator/receipts?since=4000000000000")
                            .json()
                            .get("receipts")
                            .size());
            assertEquals(
                    1,
                    operator.get("/v1/operator/receipts?topic=" + topicId + "&limit=1")
                            .json()
                            .get("receipts")
                            .size());
            for (String wrong :
                    new String[] {"limit=0", "since=now", "topic=t", "x=1", "after=1"}) {
                assertEquals(400, operator.get("/v1/operator/receipts?" + wrong).status(), wrong);
            }
        }
    }

    @Test
    void whatCannotBeDeletedOrDatedIsRefusedAndTheScrubExplainsEveryObject() throws Exception {
        try (Service service =
                        Service.start(folder.resolve("data"), Map.of(), "--orphan-grace=0s");
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
            assertEquals(200, produce(tenant, "").status());
            assertEquals(416, delete(tenant, "{\"before_offset\":2}").status());
            for (String body :
                    new String[] {
                        "",
                        "[]",
                        "{}",
                        "{\"before_offset\":-2}",
                        "{\"before_offset\":\"1\"}",
                        "{\"before_offset\":99999999999999999999}",
                        "{\"before_offset\":1,\"x\":1}",
                        "{\"offset\":1}"
                    }) {
                Answer answer = delete(tenant, body);
                assertEquals(400, answer.status(), body + " " + answer.body());
            }
            assertEquals(413, delete(tenant, " ".repeat(5_000)).status());
            assertEquals(405, tenant.api().get(tenant.partition("t") + "/records:delete").status());
            assertEquals(
                    404,
                    tenant.api()
                            .post(
                                    tenant.topic("t") + "/partitions/1/records:delete",
                                    "{\"before_offset\":0}")
                            .status());
            Tenant other = api.signUp("other");
            assertEquals(
                    404,
                    other.api()
                            .post(
                                    tenant.partition("t") + "/records:delete",
                                    "{\"before_offset\":1}")
                            .status());
            Answer future = produce(tenant, ",\"timestamp\":\"9999-01-01T00:00:00Z\"");
            assertTrue(future.body().contains("message.timestamp.after.max.ms"), future.body());
            Api operator = api.as(service.operatorKey());
            operator.post("/v1/operator/flush", "");
            JsonNode scrub = operator.post("/v1/operator/scrub", "").json();
            assertEquals(0, scrub.get("unexplained").asInt(), scrub.toString());
            assertEquals(1, scrub.get("live").asInt(), scrub.toString());
            assertEquals(1, scrub.get("snapshots").asInt(), scrub.toString());
            assertEquals(
                    1,
                    delete(tenant, "{\"before_offset\":-1}").json().get("low_watermark").asInt());
            await().atMost(20, TimeUnit.SECONDS)
                    .until(
                            () ->
                                    !operator.get("/v1/operator/receipts")
                                            .json()
                                            .at("/receipts/0/confirmed_at")
                                            .isNull());
            assertTrue(api.get("/q/metrics").body().contains("tributary_scrub_unexplained 0.0"));
        }
    }
}
