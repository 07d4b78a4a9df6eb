package io.tributary.testkit.fire;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Service;
import io.tributary.testkit.fire.History.Found;
import io.tributary.testkit.fire.History.Partition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * A service whose log is tiered, trimmed and expired all the time under {@link Load}, to be hurt
 * and then audited against everything its clients were told.
 */
final class Fire implements AutoCloseable {
    private static final long BOUNDED_BYTES = 50_000;
    private static final int PACKED_CLOSER = 4;
    private static final Topic SHORT = Topic.keptFor("short", 3_000);
    private static final Topic BOUNDED = Topic.bounded("bounded", BOUNDED_BYTES);
    private static final List<Topic> TOPICS = List.of(Topic.kept("kept", 3), SHORT, BOUNDED);
    private static final long AUDIT_SECONDS = 120;
    private static final long QUIET_SECONDS = 60;

    private final Path data;
    private final Map<String, String> environment;
    private final String[] options;
    private final History history = new History();
    private final Map<Partition, Reader> auditors = new HashMap<>();
    private final List<String> created = new ArrayList<>();
    private final Target target;
    private final Load load;
    private Service service;

    /** Starts the service on the folder, and the load on it. */
    Fire(Path data, Map<String, String> environment, String... more) throws IOException {
        this.data = data;
        this.environment = environment;
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--flush-age=300ms",
                                "--flush-bytes=64KiB",
                                "--ledger-bytes=1MiB",
                                "--orphan-grace=0s"));
        all.addAll(List.of(more));
        options = all.toArray(String[]::new);
        service = Service.start(data, environment, options);
        target = new Target(service);
        for (Topic topic : TOPICS) {
            create(topic);
            for (Partition partition : topic.partitions()) {
                auditors.put(partition, new Reader(target, topic, partition));
            }
        }
        load = new Load(target, history, TOPICS);
    }

    /** Creates a topic, which must be there ever after. */
    void create(Topic topic) throws IOException {
        Answer answer =
                target.tenant().createTopic(topic.name(), topic.partitionCount(), topic.configs());
        assertEquals(201, answer.status(), answer.body());
        created.add(topic.name());
    }

    /** Creates a topic, however often the service has to be asked. */
    void createUntilThere(Topic topic) {
        await().atMost(QUIET_SECONDS, SECONDS)
                .ignoreException(IOException.class)
                .until(
                        () -> {
                            int status =
                                    target.tenant()
                                            .createTopic(
                                                    topic.name(),
                                                    topic.partitionCount(),
                                                    topic.configs())
                                            .status();
                            // Refused as existing: an answer that was lost had created it.
                            return status == 201 || status == 400;
                        });
        created.add(topic.name());
    }

    Target target() {
        return target;
    }

    History history() {
        return history;
    }

    Service service() {
        return service;
    }

    Load load() {
        return load;
    }

    /** Ends the process as kill -9 does. */
    void kill() throws IOException {
        service.kill();
    }

    /** Starts the service again. */
    void restart() throws IOException {
        service = Service.start(data, environment, options);
        target.moved(service);
    }

    /** Starts the service again and kills it after a while, ready or not. */
    void restartInVain(Duration after) throws IOException {
        try (Service half = Service.launch(data, environment, options)) {
            LockSupport.parkNanos(after.toNanos());
            half.kill();
        }
    }

    /** Reads everything and compares it with what was promised by the time the reading began. */
    void audit() throws IOException {
        for (String topic : created) {
            assertEquals(200, target.tenant().api().get(target.tenant().topic(topic)).status());
        }
        for (Topic topic : TOPICS) {
            for (Partition partition : topic.partitions()) {
                audit(topic, partition);
            }
        }
    }

    private void audit(Topic topic, Partition partition) throws IOException {
        NavigableMap<Long, Long> promised = history.acknowledged(partition);
        long enough = promised.isEmpty() ? 0 : promised.lastKey() + 1;
        long deadline = System.nanoTime() + SECONDS.toNanos(AUDIT_SECONDS);
        Reader reader = auditors.get(partition);
        reader.toBegin();
        long start = reader.next();
        List<Found> found = new ArrayList<>();
        do {
            long expected = reader.next();
            List<Found> some = reader.read(Duration.ZERO);
            found.addAll(some);
            if (some.isEmpty() && reader.next() > expected) {
                // It expired under the reader's eyes, who went on from the new start.
                start = reader.next();
                found.clear();
            }
            assertTrue(System.nanoTime() < deadline, partition + " cannot be read to its end");
        } while (reader.next() < enough);
        history.check(partition, due(topic, promised, start), found);
    }

    private static Set<Long> due(Topic topic, NavigableMap<Long, Long> promised, long start) {
        long now = System.currentTimeMillis();
        Set<Long> due = new TreeSet<>();
        promised.forEach(
                (offset, sentMillis) -> {
                    boolean young =
                            topic.retentionMillis().isPresent()
                                    && sentMillis + topic.retentionMillis().getAsLong() > now;
                    if (!topic.expires() || young || offset >= start) {
                        due.add(offset);
                    }
                });
        return due;
    }

    /** How often an audit was told that there is no answer now. */
    long refusals() {
        return auditors.values().stream().mapToLong(Reader::refusals).sum();
    }

    /** What is read next comes from the object store. */
    void dropCache() throws IOException {
        Answer answer = target.operator().post("/v1/operator/drop-local-cache", "");
        assertEquals(200, answer.status(), answer.body());
    }

    /**
     * Ends the load once retention has done something, audits, and waits until no object is
     * unexplained.
     */
    void finish() throws IOException {
        for (Topic topic : List.of(SHORT, BOUNDED)) {
            await().atMost(AUDIT_SECONDS, SECONDS)
                    .until(() -> partition(topic, "/offset").get("earliest_offset").asLong() > 0);
        }
        load.finish();
        audit();
        long bounded = 0;
        JsonNode tiers = partition(BOUNDED, "/tiers");
        for (JsonNode range : tiers.get("object_store")) {
            bounded += range.get("bytes").asLong();
        }
        for (JsonNode range : tiers.get("ledgers")) {
            bounded += range.get("bytes").asLong();
        }
        // Merging packs what retention left more closely.
        assertTrue(bounded >= BOUNDED_BYTES / PACKED_CLOSER, tiers.toString());
        await().atMost(QUIET_SECONDS, SECONDS).untilAsserted(this::nothingUnexplained);
    }

    private JsonNode partition(Topic topic, String what) throws IOException {
        Answer answer = target.tenant().api().get(target.tenant().partition(topic.name()) + what);
        assertEquals(200, answer.status(), answer.body());
        return answer.json();
    }

    private void nothingUnexplained() throws IOException {
        assertEquals(200, target.operator().post("/v1/operator/flush", "").status());
        JsonNode scrub = target.operator().post("/v1/operator/scrub", "").json();
        for (String empty : List.of("missing", "wrong_size", "damaged")) {
            assertEquals(0, scrub.get(empty).size(), scrub.toString());
        }
        for (String zero : List.of("orphans_removed", "orphans_in_grace", "unexplained")) {
            assertEquals(0, scrub.get(zero).asInt(), scrub.toString());
        }
        assertEquals(
                scrub.get("objects").asInt(),
                scrub.get("live").asInt() + scrub.get("snapshots").asInt(),
                scrub.toString());
    }

    @Override
    public void close() throws IOException {
        load.close();
        service.close();
    }
}
