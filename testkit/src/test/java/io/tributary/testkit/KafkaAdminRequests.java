package io.tributary.testkit;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.CreateAclsRequest;
import org.apache.kafka.common.requests.DeleteAclsRequest;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DescribeAclsRequest;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;

/** A request of an administrator for each API, about topic {@code t}, that has an answer. */
final class KafkaAdminRequests {
    private static final String TOPIC = "t";

    private KafkaAdminRequests() {}

    static AbstractRequest of(ApiKeys key, short version) {
        return switch (key) {
            case DESCRIBE_CONFIGS ->
                    new DescribeConfigsRequest.Builder(
                                    new DescribeConfigsRequestData()
                                            .setResources(
                                                    List.of(
                                                            new DescribeConfigsResource()
                                                                    .setResourceType(
                                                                            ConfigResource.Type
                                                                                    .TOPIC
                                                                                    .id())
                                                                    .setResourceName(TOPIC)
                                                                    .setConfigurationKeys(null))))
                            .build(version);
            case LIST_CONFIG_RESOURCES ->
                    new ListConfigResourcesRequest.Builder(
                                    new ListConfigResourcesRequestData()
                                            .setResourceTypes(
                                                    List.of(
                                                            ConfigResource.Type.CLIENT_METRICS
                                                                    .id())))
                            .build(version);
            case INCREMENTAL_ALTER_CONFIGS ->
                    new IncrementalAlterConfigsRequest.Builder(
                                    Map.of(
                                            topic(),
                                            List.of(
                                                    new AlterConfigOp(
                                                            new ConfigEntry(
                                                                    "retention.ms", "86400000"),
                                                            AlterConfigOp.OpType.SET))),
                                    false)
                            .build(version);
            case ALTER_CONFIGS ->
                    new AlterConfigsRequest.Builder(
                                    Map.of(
                                            topic(),
                                            new AlterConfigsRequest.Config(
                                                    List.of(
                                                            new AlterConfigsRequest.ConfigEntry(
                                                                    "retention.ms", "86400000")))),
                                    false)
                            .build(version);
            case DESCRIBE_TOPIC_PARTITIONS ->
                    new DescribeTopicPartitionsRequest.Builder(
                                    new DescribeTopicPartitionsRequestData()
                                            .setTopics(List.of(new TopicRequest().setName(TOPIC))))
                            .build(version);
            case DESCRIBE_PRODUCERS -> {
                DescribeProducersRequestData data = new DescribeProducersRequestData();
                data.topics()
                        .add(
                                new DescribeProducersRequestData.TopicRequest()
                                        .setName(TOPIC)
                                        .setPartitionIndexes(List.of(0)));
                yield new DescribeProducersRequest.Builder(data).build(version);
            }
            case DESCRIBE_LOG_DIRS ->
                    new DescribeLogDirsRequest.Builder(
                                    new DescribeLogDirsRequestData().setTopics(null))
                            .build(version);
            case LIST_PARTITION_REASSIGNMENTS ->
                    new ListPartitionReassignmentsRequest.Builder(
                                    new ListPartitionReassignmentsRequestData().setTopics(null))
                            .build(version);
            case ALTER_PARTITION_REASSIGNMENTS ->
                    new AlterPartitionReassignmentsRequest.Builder(
                                    new AlterPartitionReassignmentsRequestData()
                                            .setTopics(
                                                    List.of(
                                                            new ReassignableTopic()
                                                                    .setName(TOPIC)
                                                                    .setPartitions(
                                                                            List.of(here())))))
                            .build(version);
            case ELECT_LEADERS ->
                    new ElectLeadersRequest.Builder(ElectionType.PREFERRED, null, 1_000)
                            .build(version);
            case DELETE_RECORDS ->
                    new DeleteRecordsRequest.Builder(
                                    new DeleteRecordsRequestData()
                                            .setTimeoutMs(1_000)
                                            .setTopics(
                                                    List.of(
                                                            new DeleteRecordsTopic()
                                                                    .setName(TOPIC)
                                                                    .setPartitions(
                                                                            List.of(all())))))
                            .build(version);
            case DESCRIBE_ACLS ->
                    new DescribeAclsRequest.Builder(AclBindingFilter.ANY).build(version);
            case CREATE_ACLS ->
                    new CreateAclsRequest.Builder(new CreateAclsRequestData()).build(version);
            case DELETE_ACLS ->
                    new DeleteAclsRequest.Builder(
                                    new DeleteAclsRequestData()
                                            .setFilters(
                                                    List.of(
                                                            DeleteAclsRequest.deleteAclsFilter(
                                                                    AclBindingFilter.ANY))))
                            .build(version);
            default -> throw new IllegalArgumentException(key.name());
        };
    }

    private static ConfigResource topic() {
        return new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
    }

    private static ReassignablePartition here() {
        return new ReassignablePartition().setPartitionIndex(0).setReplicas(List.of(1));
    }

    private static DeleteRecordsPartition all() {
        return new DeleteRecordsPartition()
                .setPartitionIndex(0)
                .setOffset(DeleteRecordsRequest.HIGH_WATERMARK);
    }
}
