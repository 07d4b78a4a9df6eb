package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
    private static final int ROUNDS = Boolean.getBoolean("all") ? 20 : 5;
    private static final int PRODUCERS = 6;
    private static final int PARTITIONS = 2;
    private static final int ACKED_PER_ROUND = 150;

    @TempDir Path folder;

    /** Values by place: what a producer was told. */
    private final Map<String, String> acked = new ConcurrentHashMap<>();

    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicReference<Tenant> tenant = new AtomicReference<>();
    private final AtomicBoolean done = new AtomicBoolean();

    /** Sends requests of 1 to 3 records, each again and again until it is answered. */
    private void produce(int producer) throws IOException {
        for (int request = 0; !done.get(); request++) {
            List<String> values = new ArrayList<>();
            StringBuilder body = new StringBuilder();
            for (int i = 0; i <= request % 3; i++) {
                String value = producer + "/" + request + "/" + i;
                values.add(value);
                body.append("{\"partition_id\":")
                        .append((producer + i) % PARTITIONS)
                        .append(",\"value\":{\"type\":\"STRING\",\"data\":\"")
                        .append(value)
                        .append("\"}}\n");
            }
            List<JsonNode> reports = send(body.toString(), "p" + producer + "-" + request);
            for (int i = 0; i < reports.size(); i++) {
                JsonNode report = reports.get(i);
                String place = report.get("partition_id") + ":" + report.get("offset");
                String before = acked.put(place, values.get(i));
                assertTrue(before == null, place + " was given twice");
            }
            answered.addAndGet(reports.size());
        }
    }

    private List<JsonNode> send(String body, String key) throws IOException {
        while (true) {
            try {
                Tenant now = tenant.get();
                Answer answer =
                        now.api()
                                .post(
                                        now.topic("t") + "/records",
                                        body,
                                        "Content-Type",
                                        "application/json",
                                        "Idempotency-Key",
                                        key);
                List<JsonNode> reports = answer.jsons();
                if (answer.status() == 200
                        && reports.stream().allMatch(r -> r.get("error_code").asInt() == 200)) {
                    return reports;
                }
                assertTrue(
                        reports.stream().allMatch(r -> retriable(r.path("error_code").asInt(200))),
                        answer.body());
            } catch (IOException e) {
                // Killed while it answered: whether it was kept is unknown, so send it again.
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private static boolean retriable(int code) {
        return code == 200 || code == 503 || code == 429;
    }

    @Test
    void everyAcknowledgedRecordIsThereExactlyOnceAfterKills() throws Exception {
        Path data = folder.resolve("data");
        Service service = Service.start(data, "--flush-age=300ms", "--ledger-bytes=1MiB");
        Api api = Api.of(service);
        Tenant first = api.signUp("acme");
        String authorization = first.api().authorization();
        first.createTopic("t", PARTITIONS, Map.of("retention.ms", "-1"));
        tenant.set(first);
        try (ExecutorService producers = Executors.newCachedThreadPool()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                int producer = i;
                running.add(
                        producers.submit(
                                () -> {
                                    produce(producer);
                                    return null;
                                }));
            }
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    int target = answered.get() + ACKED_PER_ROUND;
                    while (answered.get() < target) {
                        running.forEach(KillTest::notFailed);
                        LockSupport.parkNanos(1_000_000);
                    }
                    service.kill();
                    service = Service.start(data, "--flush-age=300ms", "--ledger-bytes=1MiB");
                    api = Api.of(service);
                    tenant.set(
                            new Tenant(
                                    first.tenantId(),
                                    first.clusterId(),
                                    first.keyId(),
                                    api.withAuthorization(authorization)));
                    System.err.println(
                            "kill "
                                    + (round + 1)
                                    + "/"
                                    + ROUNDS
                                    + ", acknowledged "
                                    + answered.get());
                }
            } finally {
                done.set(true);
            }
            for (Future<?> producer : running) {
                producer.get();
            }
        }
        check();
        assertEquals(0, service.stop());
    }

    private static void notFailed(Future<?> producer) {
        if (producer.isDone()) {
            throw new AssertionError("a producer ended", producer.exceptionNow());
        }
    }

    private void check() throws IOException {
        int found = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            long expected = 0;
            Map<String, Integer> lastRequest = new java.util.HashMap<>();
            for (JsonNode record : tenant.get().readAll("t", partition, "string")) {
                long offset = record.get("offset").asLong();
                assertEquals(expected++, offset);
                String value = record.at("/value/data").asText();
                assertEquals(acked.get(partition + ":" + offset), value, "at " + offset);
                String[] parts = value.split("/", -1);
                int request = Integer.parseInt(parts[1]);
                int before = lastRequest.getOrDefault(parts[0], -1);
                assertTrue(request >= before, value + " after request " + before);
                lastRequest.put(parts[0], request);
                found++;
            }
        }
        assertEquals(acked.size(), found);
    }
}
