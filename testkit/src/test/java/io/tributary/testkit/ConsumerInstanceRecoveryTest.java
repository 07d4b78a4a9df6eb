package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A consumer instance outlives the process that served it. */
class ConsumerInstanceRecoveryTest {
    private static final String EARLIEST =
            "\"format\":\"json\",\"auto.offset.reset\":\"earliest\",\"auto.commit.enable\":\"false\"";

    @TempDir Path folder;

    private static Set<Integer> values(List<JsonNode> records) {
        Set<Integer> values = new TreeSet<>();
        records.forEach(record -> values.add(record.get("value").asInt()));
        return values;
    }

    private static RestConsumer again(Api api, Tenant tenant, RestConsumer before) {
        return new RestConsumer(
                api.withAuthorization(tenant.api().authorization()), before.group(), before.name());
    }

    /** The first answers after a start may be that the coordinator is being read. */
    private static List<JsonNode> pollWhenReady(RestConsumer consumer, int millis) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreException(IOException.class)
                .until(() -> consumer.poll(millis), records -> true);
    }

    @Test
    void anInstanceGoesOnAfterAKillAndNothingIsSkipped() throws Exception {
        Path data = folder.resolve("data");
        Tenant tenant;
        RestConsumer subscribed;
        RestConsumer latest;
        RestConsumer assigned;
        Set<Integer> seen = new TreeSet<>();
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            tenant = api.signUp("acme");
            RestConsumer.topic(tenant, "t", 2, 10);
            subscribed = RestConsumer.create(tenant.api(), "g", "c", EARLIEST).subscribe("t");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(
                            () -> {
                                seen.addAll(values(subscribed.poll(1_000)));
                                return seen.size() == 10;
                            });
            subscribed.commit();
            latest =
                    RestConsumer.create(
                                    tenant.api(),
                                    "l",
                                    "c",
                                    "\"format\":\"json\",\"auto.commit.enable\":\"false\"")
                            .subscribe("t");
            RestConsumer waits = latest;
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> waits.assignment().size() == 2);
            assertEquals(0, latest.poll(100).size());
            assigned = RestConsumer.create(tenant.api(), "m", "c", EARLIEST);
            assertEquals(
                    204,
                    assigned.post(
                                    "/assignments",
                                    "{\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}")
                            .status());
            assertEquals(
                    204,
                    assigned.post(
                                    "/positions",
                                    "{\"offsets\":[{\"topic\":\"t\",\"partition\":0,"
                                            + "\"offset\":3}]}")
                            .status());
            RestConsumer.produce(tenant, "t", 2, 10, 20);
            // Returned, but never asked again after: it is returned anew.
            seen.addAll(values(subscribed.poll(5_000)));
            service.kill();
        }
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            RestConsumer c = again(api, tenant, subscribed);
            Set<Integer> after = new TreeSet<>(values(pollWhenReady(c, 1_000)));
            RestConsumer l = again(api, tenant, latest);
            Set<Integer> late = new TreeSet<>(values(pollWhenReady(l, 1_000)));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                after.addAll(values(c.poll(500)));
                                late.addAll(values(l.poll(500)));
                                return after.size() >= 10 && late.size() >= 10;
                            });
            Set<Integer> second = new TreeSet<>();
            for (int i = 10; i < 20; i++) {
                second.add(i);
            }
            assertEquals(second, after, "behind what was committed, all of it");
            assertEquals(second, late, "from where latest was when it was first asked");
            seen.addAll(after);
            assertEquals(20, seen.size());
            Set<Integer> own = values(again(api, tenant, assigned).poll(5_000));
            assertEquals(Set.of(6, 8, 10, 12, 14, 16, 18), own, "from where it was sent");
            assertEquals(2, c.assignment().size());
            c.delete();
            assertTrue(c.records("").body().contains("40403"));
            service.kill();
        }
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            RestConsumer c = again(api, tenant, subscribed);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> c.records("").status() == 404);
        }
    }
}
