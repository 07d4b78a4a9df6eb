package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumer instances over HTTP. */
class ConsumerInstanceTest {
    private static final String EARLIEST = "\"format\":\"json\",\"auto.offset.reset\":\"earliest\"";
    private static final String BY_HAND = EARLIEST + ",\"auto.commit.enable\":\"false\"";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(folder.resolve("data"), "--consumer-instance-timeout=10s");
        api = Api.of(service);
        tenant = api.signUp("acme");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static List<Integer> values(List<JsonNode> records) {
        return records.stream().map(record -> record.get("value").asInt()).sorted().toList();
    }

    private static void assertProblem(int status, int code, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertEquals(code, answer.json().get("error_code").asInt(), answer.body());
    }

    @Test
    void anInstanceIsMadeSubscribedPolledCommittedAndDeleted() throws Exception {
        RestConsumer.topic(tenant, "life", 1, 5);
        Answer made = RestConsumer.make(tenant.api(), "life", "c1", BY_HAND);
        assertEquals(200, made.status());
        assertEquals("c1", made.json().get("instance_id").asText());
        assertEquals(
                service.address() + "/consumers/life/instances/c1",
                made.json().get("base_uri").asText());
        RestConsumer c1 = new RestConsumer(tenant.api(), "life", "c1").subscribe("life");
        assertEquals(5, c1.poll(10_000).size(), "the first poll returns records");
        assertEquals(-1, c1.committed("life", 0));
        c1.commit();
        assertEquals(5, c1.committed("life", 0));
        assertEquals(List.of("life-0"), c1.assignment());
        assertEquals(
                "{\"topics\":[\"life\"]}", tenant.api().get(c1.path() + "/subscription").body());
        // Another connection is as good.
        try (Api other = Api.of(service)) {
            RestConsumer same =
                    new RestConsumer(
                            other.withAuthorization(tenant.api().authorization()), "life", "c1");
            RestConsumer.produce(tenant, "life", 1, 5, 6);
            assertEquals(List.of(5), values(same.poll(10_000)));
        }
        c1.delete();
        assertProblem(404, 40403, c1.records(""));
        RestConsumer next =
                RestConsumer.create(tenant.api(), "life", "c1", BY_HAND).subscribe("life");
        assertEquals(List.of(5), values(next.poll(10_000)), "goes on where was committed");
        next.delete();
    }

    @Test
    void aCommitNamesTheLastRecordDealtWith() throws Exception {
        RestConsumer.topic(tenant, "named", 1, 5);
        RestConsumer c =
                RestConsumer.create(tenant.api(), "named", "c", BY_HAND).subscribe("named");
        assertEquals(5, c.poll(10_000).size());
        Answer committed =
                c.post(
                        "/offsets",
                        "{\"offsets\":[{\"topic\":\"named\",\"partition\":0,\"offset\":1,"
                                + "\"metadata\":\"m\"}]}");
        assertEquals(204, committed.status(), committed.body());
        Answer asked =
                tenant.api()
                        .call(
                                "GET",
                                c.path() + "/offsets",
                                Optional.of(
                                        "{\"partitions\":[{\"topic\":\"named\",\"partition\":0}]}"),
                                "Content-Type",
                                RestConsumer.V2);
        assertEquals(
                "{\"offsets\":[{\"topic\":\"named\",\"partition\":0,\"offset\":2,"
                        + "\"metadata\":\"m\"}]}",
                asked.body());
        c.delete();
    }

    @Test
    void whatAPollReturnedIsCommittedByTheNext() throws Exception {
        RestConsumer.topic(tenant, "auto", 1, 5);
        RestConsumer c = RestConsumer.create(tenant.api(), "auto", "c", EARLIEST).subscribe("auto");
        assertEquals(5, c.poll(10_000).size());
        assertEquals(-1, c.committed("auto", 0));
        assertEquals(0, c.poll(10).size());
        assertEquals(5, c.committed("auto", 0));
        RestConsumer.produce(tenant, "auto", 1, 5, 8);
        assertEquals(3, c.poll(10_000).size());
        c.delete();
        RestConsumer next =
                RestConsumer.create(tenant.api(), "auto", "d", EARLIEST).subscribe("auto");
        assertEquals(0, next.poll(10).size());
        assertEquals(8, next.committed("auto", 0), "deleting commits");
        next.delete();
    }

    @Test
    void twoShareAndTheOneThatStaysGetsAll() throws Exception {
        RestConsumer.topic(tenant, "shared", 4, 0);
        RestConsumer a =
                RestConsumer.create(tenant.api(), "shared", "a", EARLIEST).subscribe("shared");
        assertEquals(0, a.poll(10).size());
        RestConsumer b =
                RestConsumer.create(tenant.api(), "shared", "b", EARLIEST).subscribe("shared");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> a.assignment().size() == 2 && b.assignment().size() == 2);
        RestConsumer.produce(tenant, "shared", 4, 0, 40);
        Set<Integer> seen = new TreeSet<>(values(a.poll(10_000)));
        seen.addAll(values(b.poll(10_000)));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            seen.addAll(values(a.poll(100)));
                            seen.addAll(values(b.poll(100)));
                            return seen.size() == 40;
                        });
        b.delete();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> a.assignment().size() == 4);
        RestConsumer.produce(tenant, "shared", 4, 40, 80);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            seen.addAll(values(a.poll(1_000)));
                            return seen.size() == 80;
                        });
        a.delete();
    }

    @Test
    void aPollWithoutPartitionsEndsInTime() throws Exception {
        RestConsumer.topic(tenant, "narrow", 1, 0);
        RestConsumer a =
                RestConsumer.create(tenant.api(), "narrow", "a", EARLIEST).subscribe("narrow");
        assertEquals(0, a.poll(10).size());
        RestConsumer b =
                RestConsumer.create(tenant.api(), "narrow", "b", EARLIEST).subscribe("narrow");
        assertEquals(0, b.poll(300).size());
        assertEquals(List.of(), b.assignment());
        RestConsumer c =
                RestConsumer.create(tenant.api(), "nothing", "c", EARLIEST).subscribe("absent");
        assertEquals(0, c.poll(300).size());
        RestConsumer.topic(tenant, "absent", 1, 1);
        assertEquals(List.of(0), values(c.poll(10_000)), "topics that come later are read");
        a.delete();
        b.delete();
        c.delete();
    }

    @Test
    void aPollWaitsForRecords() throws Exception {
        RestConsumer.topic(tenant, "late", 1, 0);
        RestConsumer c =
                RestConsumer.create(
                                tenant.api(),
                                "late",
                                "c",
                                "\"format\":\"json\",\"enable.auto.commit\":false")
                        .subscribe("late");
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> c.assignment().size() == 1);
        assertEquals(0, c.poll(10).size());
        CompletableFuture<List<JsonNode>> coming =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return c.poll(30_000);
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        // A call of another kind goes in between.
        assertEquals(List.of("late-0"), c.assignment());
        RestConsumer.produce(tenant, "late", 1, 0, 1);
        assertEquals(List.of(0), values(coming.get()));
        c.delete();
    }

    @Test
    void aPatternFollowsTopicsAndIsCheckedForCost() throws Exception {
        RestConsumer c = RestConsumer.create(tenant.api(), "pattern", "c", EARLIEST);
        assertEquals(204, c.post("/subscription", "{\"topic_pattern\":\"event-.*\"}").status());
        assertEquals(0, c.poll(10).size());
        RestConsumer.topic(tenant, "event-a", 1, 1);
        RestConsumer.topic(tenant, "an-event-b", 1, 1);
        assertEquals(1, c.poll(10_000).size());
        assertEquals(
                "{\"topics\":[\"event-a\"]}", tenant.api().get(c.path() + "/subscription").body());
        assertEquals(422, c.post("/subscription", "{\"topic_pattern\":\"(a\"}").status());
        assertEquals(422, c.post("/subscription", "{\"topic_pattern\":\"(a)\\\\1\"}").status());
        c.delete();
    }

    @Test
    void seeksGoWhereTheySay() throws Exception {
        RestConsumer.topic(tenant, "seek", 1, 5);
        RestConsumer c = RestConsumer.create(tenant.api(), "seek", "c", BY_HAND).subscribe("seek");
        assertEquals(5, c.poll(10_000).size());
        String place = "{\"partitions\":[{\"topic\":\"seek\",\"partition\":0}]}";
        assertEquals(204, c.post("/positions/beginning", place).status());
        assertEquals(5, c.poll(10_000).size());
        assertEquals(
                204,
                c.post(
                                "/positions",
                                "{\"offsets\":[{\"topic\":\"seek\",\"partition\":0,"
                                        + "\"offset\":3}]}")
                        .status());
        assertEquals(List.of(3, 4), values(c.poll(10_000)));
        assertEquals(204, c.post("/positions/beginning", place).status());
        assertEquals(204, c.post("/positions/end", place).status());
        assertEquals(0, c.poll(100).size());
        assertProblem(
                404,
                40402,
                c.post("/positions/end", place.replace("\"partition\":0", "\"partition\":1")));
        c.delete();
    }

    @Test
    void assignedPartitionsAreReadByThemselves() throws Exception {
        RestConsumer.topic(tenant, "manual", 2, 10);
        RestConsumer c = RestConsumer.create(tenant.api(), "manual", "c", BY_HAND);
        String second = "{\"partitions\":[{\"topic\":\"manual\",\"partition\":1}]}";
        assertEquals(204, c.post("/assignments", second).status());
        assertEquals(List.of(1, 3, 5, 7, 9), values(c.poll(10_000)));
        assertEquals(List.of("manual-1"), c.assignment());
        c.commit();
        assertEquals(5, c.committed("manual", 1));
        assertProblem(409, 40903, c.post("/subscription", "{\"topics\":[\"manual\"]}"));
        assertEquals(204, tenant.api().delete(c.path() + "/subscription").status());
        RestConsumer subscribed = c.subscribe("manual");
        assertProblem(409, 40903, subscribed.post("/assignments", second));
        c.delete();
    }

    @Test
    void badRequestsAreRefusedWithTheirCodes() throws Exception {
        RestConsumer c = RestConsumer.create(tenant.api(), "bad", "c", "");
        assertProblem(409, 40902, RestConsumer.make(tenant.api(), "bad", "c", ""));
        assertProblem(409, 40903, c.records(""));
        for (String[] bad :
                new String[][] {
                    {"\"auto.offset.reset\":\"first\"", "422", "42204"},
                    {"\"auto.commit.enable\":\"yes\"", "422", "42204"},
                    {"\"fetch.min.bytes\":10000001", "400", "40001"},
                    {"\"format\":\"xml\"", "422", "422"},
                    {"\"format\":\"avro\"", "415", "415"},
                    {"\"colour\":\"red\"", "422", "422"},
                    {"\"id\":\"a/b\"", "422", "422"}
                }) {
            assertProblem(
                    Integer.parseInt(bad[1]),
                    Integer.parseInt(bad[2]),
                    RestConsumer.make(tenant.api(), "bad", "x", bad[0]));
        }
        assertProblem(
                409,
                40903,
                c.post("/subscription", "{\"topics\":[\"t\"],\"topic_pattern\":\"t\"}"));
        assertProblem(422, 422, c.post("/subscription", "{}"));
        assertProblem(
                404,
                40401,
                c.post("/assignments", "{\"partitions\":[{\"topic\":\"no\",\"partition\":0}]}"));
        Answer mismatch =
                tenant.api()
                        .get(c.path() + "/records", "Accept", "application/vnd.kafka.json.v2+json");
        assertProblem(406, 40601, mismatch);
        assertProblem(400, 400, c.records("?wait=5"));
        assertEquals(405, tenant.api().call("PUT", c.path(), Optional.empty()).status());
        assertEquals(404, tenant.api().get(c.path() + "/nothing").status());
        assertProblem(404, 40403, new RestConsumer(tenant.api(), "bad", "nobody").records(""));
        c.delete();
    }

    @Test
    void tenantsWithTheSameNamesNeverMeet() throws Exception {
        Tenant other = api.signUp("other");
        RestConsumer.topic(tenant, "twin", 1, 3);
        RestConsumer.topic(other, "twin", 1, 1);
        RestConsumer mine =
                RestConsumer.create(tenant.api(), "twin", "c", BY_HAND).subscribe("twin");
        RestConsumer theirs =
                RestConsumer.create(other.api(), "twin", "c", BY_HAND).subscribe("twin");
        assertEquals(3, mine.poll(10_000).size());
        assertEquals(1, theirs.poll(10_000).size());
        mine.commit();
        theirs.commit();
        assertEquals(3, mine.committed("twin", 0));
        assertEquals(1, theirs.committed("twin", 0));
        theirs.delete();
        assertEquals(List.of("twin-0"), mine.assignment());
        mine.delete();
    }

    private static Api key(String grants) throws IOException {
        return tenant.newKey("\"role\":\"CLIENT\",\"grants\":[" + grants + "]");
    }

    @Test
    void aKeyReadsWhatItMayAndSeesNothingElse() throws Exception {
        RestConsumer.topic(tenant, "open", 1, 2);
        RestConsumer.topic(tenant, "open-too", 1, 2);
        RestConsumer.topic(tenant, "written", 1, 2);
        RestConsumer.topic(tenant, "hidden", 1, 2);
        Api reader =
                key(
                        "{\"operation\":\"CONSUME\",\"topic\":\"open\"},"
                                + "{\"operation\":\"PRODUCE\",\"topic\":\"written\"}");
        RestConsumer c = RestConsumer.create(reader, "rights", "c", BY_HAND);
        assertEquals(204, c.post("/subscription", "{\"topic_pattern\":\".*\"}").status());
        assertEquals(2, c.poll(10_000).size());
        assertEquals(List.of("open-0"), c.assignment());
        // What it cannot see is as if it were not there.
        RestConsumer hidden = c.subscribe("hidden");
        RestConsumer absent = c.subscribe("never-made");
        assertEquals(0, hidden.poll(100).size());
        assertEquals(0, absent.poll(100).size());
        assertProblem(403, 40301, c.post("/subscription", "{\"topics\":[\"written\"]}"));
        c.delete();
        Api writer = key("{\"operation\":\"PRODUCE\",\"topic\":\"written\"}");
        assertProblem(403, 40301, RestConsumer.make(writer, "rights", "w", ""));
    }

    @Test
    void anAbandonedInstanceExpiresAndGivesItsPartitionsBack() throws Exception {
        RestConsumer.topic(tenant, "left", 1, 3);
        RestConsumer left =
                RestConsumer.create(tenant.api(), "left", "left", BY_HAND).subscribe("left");
        assertEquals(3, left.poll(10_000).size());
        RestConsumer stays =
                RestConsumer.create(tenant.api(), "left", "stays", BY_HAND).subscribe("left");
        Set<Integer> seen = new HashSet<>();
        Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .until(() -> seen.addAll(values(stays.poll(1_000))) && seen.size() == 3);
        assertProblem(404, 40403, left.records(""));
        stays.delete();
    }
}
