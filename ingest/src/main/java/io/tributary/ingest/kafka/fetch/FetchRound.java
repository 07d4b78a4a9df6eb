package io.tributary.ingest.kafka.fetch;

import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.KafkaTopics.Served;
import io.tributary.ingest.kafka.fetch.Wanted.PartitionKey;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.Shard;
import io.tributary.storage.Shard.Fetched;
import io.tributary.storage.Shard.Offsets;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * One look at every partition a fetch is for, with the rights of now: first at how much there is,
 * which reads nothing, then at the records. Blocks.
 */
final class FetchRound {
    /** The most an answer holds, but for a single batch that is larger. */
    private static final int MAX_BYTES = 8 << 20;

    private static final short FIRST_WITH_ZSTD = 10;

    private final KafkaTopics topics;
    private final KafkaRequest request;
    private final FetchRequestData asked;
    private final List<Found> found = new ArrayList<>();
    private long available;
    private boolean refused;
    private int bytes;
    private int records;
    private int bytesLeft;

    /** What was found where a partition was looked for. */
    private sealed interface Found {
        Wanted wanted();

        /**
         * It is there.
         *
         * @param highWatermark how far it could be read
         */
        record There(Wanted wanted, Served partition, long highWatermark) implements Found {}

        record Not(Wanted wanted, Errors why) implements Found {}
    }

    private record Name(String topic, Uuid id) {}

    /** What a name stands for. */
    private sealed interface Named {
        record Known(Topic topic) implements Named {}

        record Unknown(Errors why) implements Named {}
    }

    FetchRound(KafkaTopics topics, KafkaRequest request) {
        this.topics = topics;
        this.request = request;
        asked = ((FetchRequest) request.body()).data();
    }

    /** Finds the partitions, and whether there is as much as the reader waits for. */
    void look(List<Wanted> wanted) {
        Map<Name, Named> known = new HashMap<>();
        for (Wanted one : wanted) {
            Name name = new Name(one.key().topic(), one.key().topicId());
            found.add(look(one, known.computeIfAbsent(name, this::topic)));
        }
    }

    /** The topic, or why it cannot be read. */
    private Named topic(Name name) {
        try {
            return new Named.Known(
                    topics.allowed(request.session(), Operation.CONSUME, name.topic(), name.id()));
        } catch (IOException | RuntimeException e) {
            return new Named.Unknown(KafkaErrors.of(e));
        }
    }

    private Found look(Wanted wanted, Named named) {
        return switch (named) {
            case Named.Known(Topic topic) -> look(wanted, topic);
            case Named.Unknown(Errors why) -> {
                refused = true;
                yield new Found.Not(wanted, why);
            }
        };
    }

    private Found look(Wanted wanted, Topic topic) {
        try {
            Served partition =
                    topics.partition(topic, wanted.key().partition(), wanted.knownEpoch());
            // First how far it goes: what comes in between is noticed by the watch.
            long highWatermark = partition.shard().offsets(partition.id()).highWatermark();
            long more =
                    partition.shard().bytesFrom(partition.id(), wanted.offset(), asked.minBytes());
            available += Math.min(more, Math.max(1, wanted.maxBytes()));
            return new Found.There(wanted, partition, highWatermark);
        } catch (IOException | RuntimeException e) {
            refused = true;
            return new Found.Not(wanted, KafkaErrors.of(e));
        }
    }

    /** Whether there is enough, or waiting cannot make the answer better. */
    boolean complete() {
        return refused
                || found.isEmpty()
                || available >= Math.min(asked.minBytes(), request.mostFetchBytes());
    }

    /** Waits until one of the partitions has more than it had. */
    void await(Duration atMost) throws InterruptedException {
        CountDownLatch more = new CountDownLatch(1);
        List<Shard.Watch> watches = new ArrayList<>();
        try {
            for (Found one : found) {
                if (one instanceof Found.There(Wanted _, Served partition, long highWatermark)) {
                    watches.add(
                            partition
                                    .shard()
                                    .watch(partition.id(), highWatermark, more::countDown));
                }
            }
            boolean _ = more.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            watches.forEach(Shard.Watch::cancel);
        }
    }

    /** Reads what was found, in its order. */
    Map<PartitionKey, PartitionData> read() {
        bytesLeft = Math.min(Math.min(asked.maxBytes(), MAX_BYTES), request.mostFetchBytes());
        Map<PartitionKey, PartitionData> answers = new LinkedHashMap<>();
        for (Found one : found) {
            answers.put(one.wanted().key(), read(one));
        }
        return answers;
    }

    /** Bytes of batches that were read. */
    int bytes() {
        return bytes;
    }

    int records() {
        return records;
    }

    private PartitionData read(Found one) {
        int index = one.wanted().key().partition();
        return switch (one) {
            case Found.Not(Wanted _, Errors why) -> FetchResponse.partitionResponse(index, why);
            case Found.There there -> {
                try {
                    yield read(there);
                } catch (IOException | RuntimeException e) {
                    yield FetchResponse.partitionResponse(index, KafkaErrors.of(e));
                }
            }
        };
    }

    private PartitionData read(Found.There one) throws IOException {
        Wanted wanted = one.wanted();
        Shard shard = one.partition().shard();
        int maxBytes = Math.clamp(Math.min(wanted.maxBytes(), bytesLeft), 1, MAX_BYTES);
        boolean full = bytes > 0 && bytesLeft <= 0;
        Fetched fetched =
                full
                        ? new Fetched(List.of(), shard.offsets(one.partition().id()))
                        : shard.fetch(one.partition().id(), wanted.offset(), maxBytes);
        Batches batches =
                new Batches(
                        request.version() < FIRST_WITH_ZSTD
                                ? PlainBatches.of(fetched.batches(), maxBytes)
                                : fetched.batches());
        if (bytes > 0 && batches.sizeInBytes() > bytesLeft) {
            batches = new Batches(List.of());
            bytesLeft = 0;
        }
        bytes += batches.sizeInBytes();
        bytesLeft -= batches.sizeInBytes();
        records += batches.records();
        Offsets offsets = fetched.offsets();
        boolean committed =
                ((FetchRequest) request.body()).isolationLevel() == IsolationLevel.READ_COMMITTED;
        return new PartitionData()
                .setPartitionIndex(wanted.key().partition())
                .setHighWatermark(offsets.highWatermark())
                .setLastStableOffset(offsets.highWatermark())
                .setLogStartOffset(offsets.logStart())
                .setAbortedTransactions(committed ? List.of() : null)
                .setRecords(batches);
    }
}
