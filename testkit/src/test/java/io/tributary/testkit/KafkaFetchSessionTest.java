package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.FetchSessionHandler;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.internals.LogContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers name what they read once, and hear what changed (KIP-227). */
class KafkaFetchSessionTest {
    private static final short BY_NAME = 12;
    private static final short BY_ID = 18;
    private static final int PARTITIONS = 3;

    @TempDir static Path folder;
    private static int port;
    private static Service service;
    private static Api api;
    private Tenant tenant;
    private Uuid id;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    @BeforeEach
    void tenantWithATopic() throws Exception {
        tenant = api.signUp("acme");
        assertEquals(201, tenant.createTopic("t", PARTITIONS, Map.of()).status());
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            id = KafkaRequestTest.topicId(connection);
        }
    }

    private static RawKafka connected(String key) throws Exception {
        RawKafka connection = new RawKafka(port);
        assertEquals(Errors.NONE, connection.plain(key).error());
        return connection;
    }

    private void produce(int partition, String value) throws Exception {
        assertEquals(
                200,
                tenant.api()
                        .post(
                                tenant.topic("t") + "/records",
                                "{\"partition_id\":"
                                        + partition
                                        + ",\"value\":{\"type\":\"STRING\",\"data\":\""
                                        + value
                                        + "\"}}")
                        .status());
    }

    /** A fetch of these partitions, by name, beginning at their offsets. */
    private static FetchRequest fetch(FetchMetadata place, Map<Integer, Long> offsets) {
        Map<TopicPartition, FetchRequest.PartitionData> wanted =
                new TreeMap<>(java.util.Comparator.comparingInt(TopicPartition::partition));
        offsets.forEach(
                (partition, offset) ->
                        wanted.put(
                                new TopicPartition("t", partition),
                                new FetchRequest.PartitionData(
                                        Uuid.ZERO_UUID, offset, -1, 1 << 20, Optional.empty())));
        return FetchRequest.Builder.forConsumer(BY_NAME, 0, 1, wanted)
                .metadata(place)
                .build(BY_NAME);
    }

    private static FetchResponse call(RawKafka connection, FetchRequest request) throws Exception {
        return (FetchResponse) connection.call(request);
    }

    private static Set<Integer> answered(FetchResponse answer) {
        return answer.responseData(Map.of(), BY_NAME).keySet().stream()
                .map(TopicPartition::partition)
                .collect(Collectors.toSet());
    }

    @Test
    void sessionAnswersWhatChangedAndNothingElse() throws Exception {
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            FetchResponse full =
                    call(connection, fetch(FetchMetadata.INITIAL, Map.of(0, 0L, 1, 0L, 2, 0L)));
            assertEquals(Set.of(0, 1, 2), answered(full));
            int session = full.sessionId();
            assertNotEquals(0, session);
            FetchMetadata place = FetchMetadata.newIncremental(session);
            assertEquals(Set.of(), answered(call(connection, fetch(place, Map.of()))));
            produce(1, "one");
            place = place.nextIncremental();
            FetchResponse news = call(connection, fetch(place, Map.of()));
            assertEquals(Set.of(1), answered(news));
            assertEquals(session, news.sessionId());
            // Still wanted from offset 0, until the reader says otherwise.
            place = place.nextIncremental();
            assertEquals(Set.of(1), answered(call(connection, fetch(place, Map.of()))));
            place = place.nextIncremental();
            assertEquals(Set.of(), answered(call(connection, fetch(place, Map.of(1, 1L)))));
            produce(1, "two");
            produce(2, "three");
            place = place.nextIncremental();
            assertEquals(Set.of(1, 2), answered(call(connection, fetch(place, Map.of()))));
            // A new full fetch ends it.
            FetchResponse again =
                    call(connection, fetch(new FetchMetadata(session, 0), Map.of(0, 0L)));
            assertNotEquals(session, again.sessionId());
            assertEquals(
                    Errors.FETCH_SESSION_ID_NOT_FOUND,
                    call(connection, fetch(place.nextIncremental(), Map.of())).error());
        }
    }

    @Test
    void sessionIsItsReadersAloneAndKeepsCount() throws Exception {
        Tenant other = api.signUp("other");
        other.createTopic("t", 1, Map.of());
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()));
                RawKafka foreign = connected(KafkaConfigs.key(other.api()))) {
            int session = call(connection, fetch(FetchMetadata.INITIAL, Map.of(0, 0L))).sessionId();
            FetchMetadata place = FetchMetadata.newIncremental(session);
            assertEquals(
                    Errors.FETCH_SESSION_ID_NOT_FOUND,
                    call(foreign, fetch(place, Map.of())).error());
            // Nor may anybody else end it.
            call(foreign, fetch(new FetchMetadata(session, -1), Map.of(0, 0L)));
            assertEquals(
                    Errors.INVALID_FETCH_SESSION_EPOCH,
                    call(connection, fetch(place.nextIncremental(), Map.of())).error());
            FetchRequest byId =
                    FetchRequest.Builder.forConsumer(BY_ID, 0, 1, Map.of())
                            .metadata(place)
                            .build(BY_ID);
            assertEquals(Errors.FETCH_SESSION_TOPIC_ID_ERROR, call(connection, byId).error());
            assertEquals(Errors.NONE, call(connection, fetch(place, Map.of())).error());
            // A reader's last fetch ends it, and gets none.
            FetchResponse last =
                    call(connection, fetch(new FetchMetadata(session, -1), Map.of(0, 0L)));
            assertEquals(0, last.sessionId());
            assertEquals(
                    Errors.FETCH_SESSION_ID_NOT_FOUND,
                    call(connection, fetch(place.nextIncremental(), Map.of())).error());
        }
    }

    @Test
    void rightsAreAskedForAtEveryFetchOfASession() throws Exception {
        Api reader = tenant.newKey("\"grants\":[{\"operation\":\"consume\",\"topic\":\"t\"}]");
        try (RawKafka connection = connected(KafkaConfigs.key(reader));
                Admin admin = Admin.create(KafkaConfigs.plain(port, tenant.api(), Map.of()))) {
            FetchResponse full = call(connection, fetch(FetchMetadata.INITIAL, Map.of(0, 0L)));
            assertEquals(Map.of(Errors.NONE, 2), full.errorCounts());
            assertEquals(1, admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get().size());
            awaitError(connection, full.sessionId(), Errors.TOPIC_AUTHORIZATION_FAILED);
        }
    }

    @Test
    void topicThatIsDeletedIsMissedInASession() throws Exception {
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            FetchResponse full = call(connection, fetch(FetchMetadata.INITIAL, Map.of(0, 0L)));
            assertEquals(204, tenant.api().delete(tenant.topic("t")).status());
            awaitError(connection, full.sessionId(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
    }

    /** Goes on with a session until a partition of it has this error. */
    private static void awaitError(RawKafka connection, int session, Errors error) {
        FetchMetadata[] place = {FetchMetadata.newIncremental(session)};
        Awaitility.await()
                .until(
                        () -> {
                            FetchResponse now = call(connection, fetch(place[0], Map.of()));
                            place[0] = place[0].nextIncremental();
                            return now.errorCounts().containsKey(error);
                        });
    }

    @Test
    void kafkasOwnSessionHandlerFollows() throws Exception {
        // Readers of version 7 do not know zstd.
        String codec = tenant.topic("t") + "/configs/compression.type";
        assertEquals(204, tenant.api().put(codec, "{\"value\":\"gzip\"}").status());
        for (short version : new short[] {7, BY_NAME, BY_ID}) {
            FetchSessionHandler handler = new FetchSessionHandler(new LogContext(), 1);
            Map<Integer, Long> next = new TreeMap<>(Map.of(0, 0L, 1, 0L, 2, 0L));
            try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
                for (int round = 0; round < 12; round++) {
                    produce(round % PARTITIONS, "r" + round);
                    if (round == 5) {
                        next.remove(2);
                    } else if (round == 8) {
                        next.put(2, 0L);
                    }
                    FetchResponse answer = round(connection, handler, next, version);
                    assertTrue(handler.handleResponse(answer, version), answer.toString());
                    answer.responseData(Map.of(id, "t"), version)
                            .forEach(
                                    (partition, data) ->
                                            FetchResponse.recordsOrFail(data)
                                                    .records()
                                                    .forEach(
                                                            record ->
                                                                    next.put(
                                                                            partition.partition(),
                                                                            record.offset() + 1)));
                }
                long sum = next.values().stream().mapToLong(Long::longValue).sum();
                long there = 0;
                for (int i = 0; i < PARTITIONS; i++) {
                    there +=
                            tenant.api()
                                    .get(
                                            tenant.topic("t")
                                                    + "/partitions/"
                                                    + i
                                                    + "/records?offset=earliest")
                                    .json()
                                    .get("high_watermark")
                                    .asLong();
                }
                assertEquals(there, sum);
            }
        }
    }

    private FetchResponse round(
            RawKafka connection,
            FetchSessionHandler handler,
            Map<Integer, Long> next,
            short version)
            throws Exception {
        FetchSessionHandler.Builder builder = handler.newBuilder();
        next.forEach(
                (partition, offset) ->
                        builder.add(
                                new TopicPartition("t", partition),
                                new FetchRequest.PartitionData(
                                        version >= 13 ? id : Uuid.ZERO_UUID,
                                        offset,
                                        -1,
                                        1 << 20,
                                        Optional.empty())));
        FetchSessionHandler.FetchRequestData data = builder.build();
        return call(
                connection,
                FetchRequest.Builder.forConsumer(version, 0, 1, data.toSend())
                        .metadata(data.metadata())
                        .removed(data.toForget())
                        .replaced(data.toReplace())
                        .build(version));
    }

    @Test
    void consumerOfManyPartitionsReadsEachRecordOnce() throws Exception {
        int partitions = 40;
        assertEquals(201, tenant.createTopic("wide", partitions, Map.of()).status());
        Map<String, Object> config = KafkaConfigs.plain(port, tenant.api(), Map.of());
        List<TopicPartition> all =
                IntStream.range(0, partitions)
                        .mapToObj(i -> new TopicPartition("wide", i))
                        .toList();
        Set<String> got = new HashSet<>();
        int[] records = {0};
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < partitions; i += 7) {
                    tenant.api()
                            .post(
                                    tenant.topic("wide") + "/records",
                                    "{\"partition_id\":" + i + ",\"value\":null}");
                }
                int expected = (round + 1) * 6;
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(
                                () -> {
                                    consumer.poll(Duration.ofMillis(200))
                                            .forEach(
                                                    record -> {
                                                        got.add(
                                                                record.partition()
                                                                        + "/"
                                                                        + record.offset());
                                                        records[0]++;
                                                    });
                                    return got.size() >= expected;
                                });
            }
            assertEquals(30, records[0]);
        }
    }

    @Test
    void readerThatWantsMuchWaitsUntilThereIsSoMuch() throws Exception {
        String kilobyte = "x".repeat(1_000);
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            Map<TopicPartition, FetchRequest.PartitionData> wanted =
                    Map.of(
                            new TopicPartition("t", 0),
                            new FetchRequest.PartitionData(
                                    Uuid.ZERO_UUID, 0, -1, 1 << 20, Optional.empty()));
            // Batches are compressed: what counts is what lies there, some 60 bytes each at least.
            var header =
                    connection.send(
                            FetchRequest.Builder.forConsumer(BY_NAME, 30_000, 1_000, wanted)
                                    .build(BY_NAME));
            int sent = 0;
            long begun = System.nanoTime();
            java.util.concurrent.CompletableFuture<FetchResponse> answer =
                    java.util.concurrent.CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return (FetchResponse)
                                            org.apache.kafka.common.requests.AbstractResponse
                                                    .parseResponse(connection.frame(), header);
                                } catch (java.io.IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            });
            while (!answer.isDone() && sent < 100) {
                produce(0, kilobyte);
                sent++;
            }
            FetchResponse got = answer.get();
            assertTrue(Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 25);
            assertTrue(
                    FetchResponse.recordsSize(
                                    got.responseData(Map.of(), BY_NAME)
                                            .get(new TopicPartition("t", 0)))
                            >= 1_000);
            assertTrue(sent > 3, "answered after " + sent);
        }
    }
}
