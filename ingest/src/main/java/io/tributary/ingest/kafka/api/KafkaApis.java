package io.tributary.ingest.kafka.api;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.ingest.kafka.acl.AclsApi;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.KeyAdmin;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.kafka.config.AlterConfigsApi;
import io.tributary.ingest.kafka.config.DescribeConfigsApi;
import io.tributary.ingest.kafka.fetch.FetchApi;
import io.tributary.ingest.kafka.partition.DeleteRecordsApi;
import io.tributary.ingest.kafka.partition.DescribeTopicPartitionsApi;
import io.tributary.ingest.kafka.partition.LogDirsApi;
import io.tributary.ingest.kafka.partition.ProducersApi;
import io.tributary.ingest.kafka.partition.ReassignmentsApi;
import io.tributary.ingest.kafka.quota.QuotaAdmin;
import io.tributary.ingest.kafka.quota.QuotasApi;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.producer.ProducerIds;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.kafka.common.requests.AbstractResponse;

/** Answers the requests of authenticated clients, each on a thread that may block. */
public final class KafkaApis implements Consumer<KafkaRequest> {
    private final IngestNode node;
    private final MetadataApi metadata;
    private final ProduceApi produce;
    private final ProducerIdApi producerIds;
    private final FetchApi fetch;
    private final OffsetsApi offsets;
    private final TopicsApi administration;
    private final DescribeConfigsApi configs;
    private final AlterConfigsApi configChanges;
    private final DescribeTopicPartitionsApi partitions;
    private final ProducersApi producers;
    private final LogDirsApi logDirs;
    private final ReassignmentsApi reassignments;
    private final DeleteRecordsApi deletion;
    private final AclsApi acls;
    private final QuotasApi quotas;
    private final CoordinatorApi coordinators = new CoordinatorApi();
    private final GroupMembersApi members;
    private final GroupOffsetsApi groupOffsets;
    private final GroupAdminApi groupAdministration;

    /** What the requests of administration change. */
    public record Administration(TopicAdmin topics, KeyAdmin keys, QuotaAdmin quotas) {}

    /** Makes them. */
    public KafkaApis(
            IngestNode node,
            Administration admin,
            BrokerSettings brokers,
            ProducerIds ids,
            TenantGroups groups) {
        this.node = node;
        KafkaTopics topics = new KafkaTopics(node.topics(), node.shards());
        metadata = new MetadataApi(node, topics, new AutoCreation(topics, admin.topics(), brokers));
        administration = new TopicsApi(topics, admin.topics(), brokers);
        produce = new ProduceApi(node, topics);
        producerIds = new ProducerIdApi(ids);
        fetch = new FetchApi(node, topics, brokers.node().number(BrokerConfigs.FETCH_SESSIONS));
        offsets = new OffsetsApi(topics);
        configs = new DescribeConfigsApi(node.topics(), topics, brokers);
        configChanges = new AlterConfigsApi(topics, admin.topics(), brokers);
        partitions = new DescribeTopicPartitionsApi(node.topics(), topics, node.shards());
        producers = new ProducersApi(topics);
        logDirs = new LogDirsApi(node.topics(), node.shards());
        reassignments = new ReassignmentsApi(topics);
        deletion = new DeleteRecordsApi(topics);
        acls = new AclsApi(admin.keys());
        quotas = new QuotasApi(admin.quotas());
        members = new GroupMembersApi(groups);
        groupOffsets = new GroupOffsetsApi(groups);
        groupAdministration = new GroupAdminApi(groups);
    }

    @Override
    public void accept(KafkaRequest request) {
        node.blocking().execute(() -> run(request));
    }

    private void run(KafkaRequest request) {
        try {
            switch (request.api()) {
                case PRODUCE -> produce.produce(request);
                case JOIN_GROUP -> members.join(request);
                case SYNC_GROUP -> members.sync(request);
                case HEARTBEAT -> members.heartbeat(request);
                case LEAVE_GROUP -> members.leave(request);
                case CONSUMER_GROUP_HEARTBEAT -> members.consumerHeartbeat(request);
                case OFFSET_COMMIT -> groupOffsets.commit(request);
                case OFFSET_FETCH -> groupOffsets.fetch(request);
                case OFFSET_DELETE -> groupOffsets.delete(request);
                case LIST_GROUPS -> groupAdministration.list(request);
                case DESCRIBE_GROUPS -> groupAdministration.describe(request);
                case CONSUMER_GROUP_DESCRIBE -> groupAdministration.describeConsumer(request);
                case DELETE_GROUPS -> groupAdministration.delete(request);
                default -> request.answer(answer(request));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            request.close("the service stops");
        } catch (IOException | RuntimeException e) {
            request.fail(KafkaErrors.described(e).exception());
        }
    }

    private AbstractResponse answer(KafkaRequest request) throws IOException, InterruptedException {
        return switch (request.api()) {
            case METADATA -> metadata.metadata(request);
            case DESCRIBE_CLUSTER -> metadata.describeCluster(request);
            case INIT_PRODUCER_ID -> producerIds.init(request);
            case FETCH -> fetch.fetch(request);
            case LIST_OFFSETS -> offsets.list(request);
            case OFFSET_FOR_LEADER_EPOCH -> offsets.endOfEpoch(request);
            case FIND_COORDINATOR -> coordinators.find(request);
            case CREATE_TOPICS -> administration.create(request);
            case DELETE_TOPICS -> administration.delete(request);
            case CREATE_PARTITIONS -> administration.grow(request);
            case DESCRIBE_CONFIGS -> configs.describe(request);
            case LIST_CONFIG_RESOURCES -> configs.list(request);
            case INCREMENTAL_ALTER_CONFIGS -> configChanges.incremental(request);
            case ALTER_CONFIGS -> configChanges.replace(request);
            case DESCRIBE_TOPIC_PARTITIONS -> partitions.describe(request);
            case DESCRIBE_PRODUCERS -> producers.describe(request);
            case DESCRIBE_LOG_DIRS -> logDirs.describe(request);
            case LIST_PARTITION_REASSIGNMENTS -> reassignments.list(request);
            case ALTER_PARTITION_REASSIGNMENTS -> reassignments.alter(request);
            case ELECT_LEADERS -> reassignments.elect(request);
            case DELETE_RECORDS -> deletion.delete(request);
            case DESCRIBE_ACLS -> acls.describe(request);
            case CREATE_ACLS -> acls.create(request);
            case DELETE_ACLS -> acls.delete(request);
            case DESCRIBE_CLIENT_QUOTAS -> quotas.describe(request);
            case ALTER_CLIENT_QUOTAS -> quotas.alter(request);
            default -> throw new IllegalStateException(request.api() + " has no answer");
        };
    }
}
