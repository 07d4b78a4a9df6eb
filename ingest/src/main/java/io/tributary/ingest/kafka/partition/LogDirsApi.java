package io.tributary.ingest.kafka.partition;

import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Shard.Tiers;
import io.tributary.storage.Shard.Tiers.Range;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopicCollection;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;

/**
 * Says how much partitions hold, as if all lay in one folder: records in the log and in the object
 * store, each once. Blocks.
 */
public final class LogDirsApi {
    private static final String DIRECTORY = "/tributary";

    private final Topics all;
    private final Shards shards;

    public LogDirsApi(Topics all, Shards shards) {
        this.all = all;
        this.shards = shards;
    }

    public AbstractResponse describe(KafkaRequest request) throws IOException {
        DescribableLogDirTopicCollection asked =
                ((DescribeLogDirsRequest) request.body()).data().topics();
        List<DescribeLogDirsTopic> topics = new ArrayList<>();
        for (Topic topic : topics(request.session(), asked)) {
            List<DescribeLogDirsPartition> partitions = new ArrayList<>();
            DescribableLogDirTopic some = asked == null ? null : asked.find(topic.name());
            for (int i = 0; i < topic.partitions(); i++) {
                if (some == null || some.partitions().contains(i)) {
                    partitions.add(partition(topic, i));
                }
            }
            topics.add(new DescribeLogDirsTopic().setName(topic.name()).setPartitions(partitions));
        }
        DescribeLogDirsResult directory =
                new DescribeLogDirsResult().setLogDir(DIRECTORY).setTopics(topics);
        return new DescribeLogDirsResponse(
                new DescribeLogDirsResponseData().setResults(List.of(directory)));
    }

    /** What is not there, or must not be seen, is left out. */
    private List<Topic> topics(Session session, DescribableLogDirTopicCollection asked)
            throws IOException {
        if (asked == null) {
            return all.list(session.tenant()).stream()
                    .filter(topic -> session.who().maySee(topic.name()))
                    .toList();
        }
        List<Topic> found = new ArrayList<>();
        for (DescribableLogDirTopic one : asked) {
            if (session.who().maySee(one.topic())) {
                all.find(session.tenant(), one.topic()).ifPresent(found::add);
            }
        }
        return found;
    }

    private DescribeLogDirsPartition partition(Topic topic, int index) throws IOException {
        Tiers tiers = shards.shard(topic.shard(index)).tiers(topic.partition(index));
        return new DescribeLogDirsPartition()
                .setPartitionIndex(index)
                .setPartitionSize(
                        Stream.concat(tiers.ledgers().stream(), tiers.objectStore().stream())
                                .mapToLong(Range::bytes)
                                .sum());
    }
}
