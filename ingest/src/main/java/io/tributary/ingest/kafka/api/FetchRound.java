package io.tributary.ingest.kafka.api;

import io.tributary.ingest.kafka.api.KafkaTopics.Served;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.Shard;
import io.tributary.storage.Shard.Fetched;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/** One look at every partition a fetch asks for, with the rights of now. Blocks. */
final class FetchRound {
    /** The most an answer holds, but for a single batch that is larger. */
    private static final int MAX_BYTES = 8 << 20;

    private static final short FIRST_WITH_ZSTD = 10;

    private final KafkaTopics topics;
    private final KafkaRequest request;
    private final List<Seen> seen = new ArrayList<>();
    private int bytes;
    private int records;
    private int bytesLeft;
    private boolean refused;

    /** How far a partition could be read. */
    private record Seen(Served partition, long highWatermark) {}

    FetchRound(KafkaTopics topics, KafkaRequest request) {
        this.topics = topics;
        this.request = request;
    }

    FetchResponse read() {
        FetchRequestData asked = ((FetchRequest) request.body()).data();
        bytesLeft = Math.min(asked.maxBytes(), MAX_BYTES);
        FetchResponseData answer = new FetchResponseData();
        for (FetchTopic topic : asked.topics()) {
            answer.responses()
                    .add(
                            new FetchableTopicResponse()
                                    .setTopic(topic.topic())
                                    .setTopicId(topic.topicId())
                                    .setPartitions(read(topic)));
        }
        return FetchResponse.of(answer);
    }

    /** Bytes of batches that were read. */
    int bytes() {
        return bytes;
    }

    int records() {
        return records;
    }

    /** Whether waiting cannot make the answer better: something is wrong, or nothing was asked. */
    boolean pointlessToWait() {
        return refused || seen.isEmpty();
    }

    /** Waits until one of the partitions has more than it had. */
    void await(Duration atMost) throws InterruptedException {
        CountDownLatch more = new CountDownLatch(1);
        List<Shard.Watch> watches = new ArrayList<>();
        try {
            for (Seen one : seen) {
                watches.add(
                        one.partition()
                                .shard()
                                .watch(one.partition().id(), one.highWatermark(), more::countDown));
            }
            boolean _ = more.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            watches.forEach(Shard.Watch::cancel);
        }
    }

    private List<PartitionData> read(FetchTopic asked) {
        List<PartitionData> answers = new ArrayList<>();
        Topic topic;
        try {
            topic =
                    topics.allowed(
                            request.session(), Operation.CONSUME, asked.topic(), asked.topicId());
        } catch (IOException | RuntimeException e) {
            Errors error = KafkaErrors.of(e);
            asked.partitions().forEach(one -> answers.add(refusal(one, error)));
            return answers;
        }
        for (FetchPartition one : asked.partitions()) {
            try {
                answers.add(read(topic, one));
            } catch (IOException | RuntimeException e) {
                answers.add(refusal(one, KafkaErrors.of(e)));
            }
        }
        return answers;
    }

    private PartitionData refusal(FetchPartition asked, Errors error) {
        refused = true;
        return FetchResponse.partitionResponse(asked.partition(), error);
    }

    private PartitionData read(Topic topic, FetchPartition asked) throws IOException {
        Served partition = topics.partition(topic, asked.partition(), asked.currentLeaderEpoch());
        // What does not fit any more is not read, but that its offset is right is said.
        int maxBytes = Math.clamp(Math.min(asked.partitionMaxBytes(), bytesLeft), 1, MAX_BYTES);
        boolean full = bytes > 0 && bytesLeft <= 0;
        Fetched fetched =
                full
                        ? new Fetched(List.of(), partition.shard().offsets(partition.id()))
                        : partition.shard().fetch(partition.id(), asked.fetchOffset(), maxBytes);
        Batches batches = new Batches(fetched.batches());
        if (bytes > 0 && batches.sizeInBytes() > bytesLeft) {
            batches = new Batches(List.of());
            bytesLeft = 0;
        }
        if (request.version() < FIRST_WITH_ZSTD && batches.hasZstd()) {
            throw Errors.UNSUPPORTED_COMPRESSION_TYPE.exception();
        }
        bytes += batches.sizeInBytes();
        bytesLeft -= batches.sizeInBytes();
        records += batches.records();
        seen.add(new Seen(partition, fetched.offsets().highWatermark()));
        boolean committed =
                ((FetchRequest) request.body()).isolationLevel() == IsolationLevel.READ_COMMITTED;
        return new PartitionData()
                .setPartitionIndex(asked.partition())
                .setHighWatermark(fetched.offsets().highWatermark())
                .setLastStableOffset(fetched.offsets().highWatermark())
                .setLogStartOffset(fetched.offsets().logStart())
                .setAbortedTransactions(committed ? List.of() : null)
                .setRecords(batches);
    }
}
