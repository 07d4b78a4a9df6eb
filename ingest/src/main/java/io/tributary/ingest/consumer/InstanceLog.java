package io.tributary.ingest.consumer;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Shard;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where consumer instances are kept: a compacted topic of the service's own with a partition for
 * each set of groups. A record is all there is to know of an instance, so the newest one of a key
 * is right whatever became of those before. Whose shard it is serves its groups. Thread-safe;
 * blocks.
 */
public final class InstanceLog {
    /** The largest record: an instance with as much as it may have is smaller. */
    public static final int LARGEST = 8 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(InstanceLog.class);
    private static final int FETCH_BYTES = 1 << 20;
    private static final long LONGEST_WRITE_SECONDS = 20;

    private final Topic topic;
    private final PartitionSettings settings;
    private final Shards shards;

    /**
     * Over a topic that nobody else writes to.
     *
     * @param settings the topic's, which takes the {@link #LARGEST} record
     */
    public InstanceLog(Topic topic, PartitionSettings settings, Shards shards) {
        if (settings.maxMessageBytes() < LARGEST) {
            throw new IllegalArgumentException("the topic does not take " + LARGEST + " bytes");
        }
        this.topic = topic;
        this.settings = settings;
        this.shards = shards;
    }

    int partitions() {
        return topic.partitions();
    }

    /** The partition that has a group's instances. */
    int partition(InstanceKey key) {
        return Math.floorMod(
                31 * key.tenant().value().hashCode() + key.group().hashCode(), topic.partitions());
    }

    /**
     * Every instance of a partition, but for what cannot be read: an instance whose newest record
     * is such is not there, and whoever makes it anew replaces that.
     */
    Map<InstanceKey, InstanceRecord> read(int partition) throws IOException {
        Map<InstanceKey, InstanceRecord> all = new HashMap<>();
        PartitionId id = topic.partition(partition);
        Shard shard = shards.shard(topic.shard(partition));
        Shard.Offsets offsets = shard.offsets(id);
        long at = offsets.logStart();
        while (at < offsets.highWatermark()) {
            List<ByteBuffer> batches = shard.fetch(id, at, FETCH_BYTES).batches();
            if (batches.isEmpty()) {
                break;
            }
            for (ByteBuffer batch : batches) {
                at = Math.max(at, play(id, batch, at, all));
            }
        }
        return all;
    }

    private static long play(
            PartitionId partition,
            ByteBuffer bytes,
            long from,
            Map<InstanceKey, InstanceRecord> all) {
        long end = from;
        for (RecordBatch batch : MemoryRecords.readableRecords(bytes.duplicate()).batches()) {
            for (Record record : batch) {
                if (record.offset() < from) {
                    continue;
                }
                try {
                    play(record, all);
                } catch (MalformedBytesException e) {
                    LOG.warn(
                            "a consumer instance's record cannot be read partition={} offset={}"
                                    + " problem={}",
                            partition,
                            record.offset(),
                            e.getMessage());
                }
            }
            end = batch.nextOffset();
        }
        return end;
    }

    private static void play(Record record, Map<InstanceKey, InstanceRecord> all) {
        if (!record.hasKey()) {
            throw new MalformedBytesException("it has no key");
        }
        InstanceKey key = InstanceBytes.key(record.key());
        // What came before is no longer true, whatever this one says.
        all.remove(key);
        if (record.hasValue()) {
            all.put(key, InstanceBytes.value(record.value()));
        }
    }

    /**
     * Writes what is known of an instance now, or that it is gone; returns when that is durable.
     *
     * @throws io.tributary.kernel.fault.ProblemException it may or may not be: write again
     */
    void write(InstanceKey key, Optional<InstanceRecord> record) {
        byte[] value = record.map(InstanceBytes::value).orElse(null);
        NewRecord kept =
                new NewRecord(NewRecord.NO_TIMESTAMP, InstanceBytes.key(key), value, List.of());
        int partition = partition(key);
        CompletableFuture<AppendOutcome> ended = new CompletableFuture<>();
        try {
            shards.shard(topic.shard(partition))
                    .append(
                            new AppendRequest(
                                    topic.tenant(),
                                    List.of(
                                            new AppendRequest.Part(
                                                    topic.partition(partition),
                                                    settings,
                                                    List.of(kept))),
                                    Optional.empty()),
                            ended::complete);
            AppendOutcome outcome = ended.get(LONGEST_WRITE_SECONDS, TimeUnit.SECONDS);
            if (!(outcome instanceof AppendOutcome.Appended)) {
                throw Refusals.notNow("the consumer instance cannot be stored now.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusals.notNow("the service stops.");
        } catch (IOException | TimeoutException | ExecutionException e) {
            throw Refusals.notNow("the consumer instance cannot be stored now.");
        }
    }
}
