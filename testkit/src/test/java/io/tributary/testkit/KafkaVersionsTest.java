package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AlterClientQuotasRequest;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DescribeClientQuotasRequest;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every version of every request that is served has an answer: clients are of every age. */
class KafkaVersionsTest {
    @TempDir static Path folder;
    private static int port;
    private static Service service;
    private static Api api;

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

    @ParameterizedTest
    @EnumSource(
            names = {
                "METADATA",
                "DESCRIBE_CLUSTER",
                "PRODUCE",
                "INIT_PRODUCER_ID",
                "FETCH",
                "LIST_OFFSETS",
                "OFFSET_FOR_LEADER_EPOCH",
                "CREATE_TOPICS",
                "CREATE_PARTITIONS",
                "DELETE_TOPICS",
                "DESCRIBE_CONFIGS",
                "LIST_CONFIG_RESOURCES",
                "INCREMENTAL_ALTER_CONFIGS",
                "ALTER_CONFIGS",
                "DESCRIBE_TOPIC_PARTITIONS",
                "DESCRIBE_PRODUCERS",
                "DESCRIBE_LOG_DIRS",
                "LIST_PARTITION_REASSIGNMENTS",
                "ALTER_PARTITION_REASSIGNMENTS",
                "ELECT_LEADERS",
                "DELETE_RECORDS",
                "DESCRIBE_ACLS",
                "CREATE_ACLS",
                "DELETE_ACLS",
                "DESCRIBE_CLIENT_QUOTAS",
                "ALTER_CLIENT_QUOTAS"
            })
    void everyVersionIsAnswered(ApiKeys key) throws Exception {
        Tenant tenant = api.signUp("acme");
        tenant.createTopic("t", 1, Map.of());
        try (RawKafka connection = new RawKafka(port)) {
            assertEquals(Errors.NONE, connection.plain(KafkaConfigs.key(tenant.api())).error());
            Uuid id = KafkaRequestTest.topicId(connection);
            connection.call(produce(KafkaRequestTest.BY_ID, id));
            for (short version : key.allVersions()) {
                if (key.isVersionEnabled(version, false)) {
                    Set<Errors> errors =
                            connection.call(request(key, version, id)).errorCounts().keySet();
                    assertTrue(
                            Set.of(Errors.NONE).containsAll(errors),
                            () -> key + " version " + version + " " + errors);
                }
            }
        }
    }

    /** Neither what HTTP produced nor what was tiered is in a codec its readers could choose. */
    @Test
    void readersTooOldForZstdReadWhatStorageCompressedWithIt() throws Exception {
        Tenant tenant = api.signUp("acme");
        tenant.createTopic("t", 1, Map.of("compression.type", "zstd"));
        tenant.api().post(tenant.topic("t") + "/records", "{\"value\":null}");
        try (var producer =
                new KafkaProducer<>(
                        KafkaConfigs.plain(port, tenant.api(), Map.of("compression.type", "gzip")),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>("t", "a".repeat(10_000))).get();
        }
        readInEveryVersion(tenant, List.of(CompressionType.ZSTD, CompressionType.GZIP));
        assertEquals(200, api.as(service.operatorKey()).post("/v1/operator/flush", "").status());
        readInEveryVersion(tenant, List.of(CompressionType.ZSTD, CompressionType.ZSTD));
    }

    private static void readInEveryVersion(Tenant tenant, List<CompressionType> stored)
            throws Exception {
        List<CompressionType> plain =
                stored.stream()
                        .map(codec -> codec == CompressionType.ZSTD ? CompressionType.NONE : codec)
                        .toList();
        try (RawKafka connection = new RawKafka(port)) {
            connection.plain(KafkaConfigs.key(tenant.api()));
            Uuid id = KafkaRequestTest.topicId(connection);
            for (short version : ApiKeys.FETCH.allVersions()) {
                FetchResponse answer = (FetchResponse) connection.call(fetch(version, id));
                PartitionData partition =
                        answer.data().responses().getFirst().partitions().getFirst();
                assertEquals(Errors.NONE.code(), partition.errorCode());
                List<CompressionType> codecs = new ArrayList<>();
                List<Integer> sizes = new ArrayList<>();
                for (RecordBatch batch : ((Records) partition.records()).batches()) {
                    batch.ensureValid();
                    codecs.add(batch.compressionType());
                    batch.forEach(record -> sizes.add(record.valueSize()));
                }
                assertEquals(version < 10 ? plain : stored, codecs, "version " + version);
                assertEquals(List.of(-1, 10_000), sizes);
            }
        }
    }

    private static AbstractRequest produce(short version, Uuid id) {
        boolean byId = version >= KafkaRequestTest.BY_ID;
        return KafkaRequestTest.produce(
                version, KafkaRequestTest.ALL, byId ? "" : "t", byId ? id : Uuid.ZERO_UUID);
    }

    private static AbstractRequest request(ApiKeys key, short version, Uuid id) {
        return switch (key) {
            case METADATA ->
                    new MetadataRequest(
                            new MetadataRequestData()
                                    .setTopics(List.of(new MetadataRequestTopic().setName("t"))),
                            version);
            case DESCRIBE_CLUSTER ->
                    new DescribeClusterRequest(new DescribeClusterRequestData(), version);
            case PRODUCE -> produce(version, id);
            case INIT_PRODUCER_ID ->
                    new InitProducerIdRequest.Builder(
                                    new InitProducerIdRequestData()
                                            .setTransactionalId(null)
                                            .setTransactionTimeoutMs(1_000))
                            .build(version);
            case FETCH -> fetch(version, id);
            case LIST_OFFSETS ->
                    ListOffsetsRequest.Builder.forConsumer(false, IsolationLevel.READ_UNCOMMITTED)
                            .setTargetTimes(List.of(earliest()))
                            .build(version);
            case OFFSET_FOR_LEADER_EPOCH ->
                    new OffsetsForLeaderEpochRequest(
                            new OffsetForLeaderEpochRequestData().setTopics(epochs()), version);
            case CREATE_TOPICS -> {
                CreateTopicsRequestData data = new CreateTopicsRequestData();
                data.topics()
                        .add(
                                new CreatableTopic()
                                        .setName("made-" + version)
                                        .setNumPartitions(1)
                                        .setReplicationFactor((short) 3));
                yield new CreateTopicsRequest.Builder(data).build(version);
            }
            case CREATE_PARTITIONS -> {
                CreatePartitionsRequestData data = new CreatePartitionsRequestData();
                data.topics()
                        .add(
                                new CreatePartitionsTopic()
                                        .setName("t")
                                        .setCount(version + 2)
                                        .setAssignments(null));
                yield new CreatePartitionsRequest.Builder(data).build(version);
            }
            case DELETE_TOPICS ->
                    new DeleteTopicsRequest.Builder(new DeleteTopicsRequestData()).build(version);
            case DESCRIBE_CLIENT_QUOTAS ->
                    new DescribeClientQuotasRequest.Builder(ClientQuotaFilter.all()).build(version);
            case ALTER_CLIENT_QUOTAS ->
                    new AlterClientQuotasRequest.Builder(List.of(), false).build(version);
            default -> KafkaAdminRequests.of(key, version);
        };
    }

    private static FetchRequest fetch(short version, Uuid id) {
        FetchTopic topic =
                new FetchTopic()
                        .setPartitions(
                                List.of(new FetchPartition().setPartitionMaxBytes(1_000_000)));
        return new FetchRequest(
                new FetchRequestData()
                        .setMaxBytes(1_000_000)
                        .setTopics(
                                List.of(
                                        version >= KafkaRequestTest.BY_ID
                                                ? topic.setTopicId(id)
                                                : topic.setTopic("t"))),
                version);
    }

    private static ListOffsetsTopic earliest() {
        return new ListOffsetsTopic()
                .setName("t")
                .setPartitions(
                        List.of(
                                new ListOffsetsPartition()
                                        .setTimestamp(ListOffsetsRequest.EARLIEST_TIMESTAMP)));
    }

    private static OffsetForLeaderTopicCollection epochs() {
        OffsetForLeaderTopic topic =
                new OffsetForLeaderTopic()
                        .setTopic("t")
                        .setPartitions(List.of(new OffsetForLeaderPartition().setLeaderEpoch(1)));
        return new OffsetForLeaderTopicCollection(List.of(topic).iterator());
    }
}
