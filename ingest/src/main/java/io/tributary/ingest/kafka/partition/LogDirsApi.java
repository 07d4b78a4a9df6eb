package io.tributary.ingest.kafka.partition;

import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Shard.Tiers;
import io.tributary.storage.Shard.Tiers.Range;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopicCollection;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how much partitions hold, as if all lay in one folder: records in the log and in the object
 * store, each once. Blocks.
 */
public final class LogDirsApi {
    private static final String DIRECTORY = "/tributary";

    /** Where partitions lie whose shard has no owner right now, for Kafka a folder that is away. */
    private static final String AWAY = DIRECTORY + "/away";

    private static final Logger LOG = LoggerFactory.getLogger(LogDirsApi.class);

    private final Topics all;
    private final Shards shards;

    public LogDirsApi(Topics all, Shards shards) {
        this.all = all;
        this.shards = shards;
    }

    public AbstractResponse describe(KafkaRequest request) throws IOException {
        return describe(
                request.session().who(), ((DescribeLogDirsRequest) request.body()).data().topics());
    }

    /**
     * What a caller is told.
     *
     * @param asked null for every topic
     */
    DescribeLogDirsResponse describe(
            Principal who, @Nullable DescribableLogDirTopicCollection asked) throws IOException {
        List<DescribeLogDirsTopic> topics = new ArrayList<>();
        boolean away = false;
        for (Topic topic : topics(who, asked)) {
            List<DescribeLogDirsPartition> partitions = new ArrayList<>();
            DescribableLogDirTopic some = asked == null ? null : asked.find(topic.name());
            for (int i = 0; i < topic.partitions(); i++) {
                if (some == null || some.partitions().contains(i)) {
                    Optional<DescribeLogDirsPartition> found = partition(topic, i);
                    found.ifPresent(partitions::add);
                    away |= found.isEmpty();
                }
            }
            topics.add(new DescribeLogDirsTopic().setName(topic.name()).setPartitions(partitions));
        }
        List<DescribeLogDirsResult> directories = new ArrayList<>();
        directories.add(new DescribeLogDirsResult().setLogDir(DIRECTORY).setTopics(topics));
        if (away) {
            directories.add(
                    new DescribeLogDirsResult()
                            .setLogDir(AWAY)
                            .setErrorCode(Errors.KAFKA_STORAGE_ERROR.code()));
        }
        return new DescribeLogDirsResponse(
                new DescribeLogDirsResponseData().setResults(directories));
    }

    /** What is not there, or must not be seen, is left out. */
    private List<Topic> topics(Principal who, @Nullable DescribableLogDirTopicCollection asked)
            throws IOException {
        TenantId tenant = who.tenant().orElseThrow();
        if (asked == null) {
            return all.list(tenant).stream().filter(topic -> who.maySee(topic.name())).toList();
        }
        List<Topic> found = new ArrayList<>();
        for (DescribableLogDirTopic one : asked) {
            if (who.maySee(one.topic())) {
                all.find(tenant, one.topic()).ifPresent(found::add);
            }
        }
        return found;
    }

    /** Empty where nobody can say. */
    private Optional<DescribeLogDirsPartition> partition(Topic topic, int index) {
        Tiers tiers;
        try {
            tiers = shards.shard(topic.shard(index)).tiers(topic.partition(index));
        } catch (ShardUnavailableException e) {
            LOG.debug("a partition's size cannot be told now", e);
            return Optional.empty();
        }
        return Optional.of(
                new DescribeLogDirsPartition()
                        .setPartitionIndex(index)
                        .setPartitionSize(
                                Stream.concat(
                                                tiers.ledgers().stream(),
                                                tiers.objectStore().stream())
                                        .mapToLong(Range::bytes)
                                        .sum()));
    }
}
