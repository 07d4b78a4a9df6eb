package io.tributary.ingest.group;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Shard;
import io.tributary.storage.ShardUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;

/**
 * One partition of the coordinator's topic, over a partition of a shard. Only the coordinator of
 * this node writes to it, one append after the other, so the offset of the next record is known
 * before the disk has those before it: {@link #append} returns at once, and the high watermark
 * follows with the shard's answers, each of which must say the offset that was foreseen. Anything
 * else ends the lead: what the coordinator has in memory may then be ahead of the log, and is to be
 * read anew. Thread-safe.
 */
final class GroupLog {
    /** What the coordinator gathers into one batch; a single record may be larger. */
    static final int BATCH_BYTES = 64 << 10;

    private final TopicPartition name;
    private final PartitionId id;
    private final PartitionSettings settings;
    private final Shard shard;
    private final Consumer<String> onLost;

    private final ReentrantLock lock = new ReentrantLock();
    private Optional<PartitionWriter.Listener> listener = Optional.empty();
    private boolean leading;
    private int shardEpoch;

    /** The offset behind the last record that was handed to the shard. */
    private long next;

    /** The offset behind the last record that is durable. */
    private long durable;

    /** Appends the shard has not answered. */
    private int underWay;

    /**
     * A partition that is not led.
     *
     * @param onLost told why the lead ended, once each time, on any thread
     */
    GroupLog(
            TopicPartition name,
            PartitionId id,
            PartitionSettings settings,
            Shard shard,
            Consumer<String> onLost) {
        this.name = name;
        this.id = id;
        this.settings = settings;
        this.shard = shard;
        this.onLost = onLost;
    }

    PartitionId id() {
        return id;
    }

    Shard shard() {
        return shard;
    }

    /** Whether everything that was handed to the shard has ended, so that it may be read anew. */
    boolean settled() {
        lock.lock();
        try {
            return !leading && underWay == 0;
        } finally {
            lock.unlock();
        }
    }

    boolean leading() {
        lock.lock();
        try {
            return leading;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the lead; the coordinator has read everything up to the offset. */
    void lead(long end, int epoch) {
        lock.lock();
        try {
            leading = true;
            next = end;
            durable = end;
            shardEpoch = epoch;
        } finally {
            lock.unlock();
        }
    }

    void register(PartitionWriter.Listener one) {
        lock.lock();
        try {
            listener = Optional.of(one);
            one.onHighWatermarkUpdated(name, durable);
        } finally {
            lock.unlock();
        }
    }

    void deregister(PartitionWriter.Listener one) {
        lock.lock();
        try {
            listener = listener.filter(present -> !present.equals(one));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands a batch to the shard, without waiting for anything.
     *
     * @param batch is copied
     * @return the offset behind its last record
     * @throws org.apache.kafka.common.errors.ApiException nothing was or will be stored
     */
    long append(ByteBuffer batch, int records) {
        if (batch.remaining() > settings.maxMessageBytes()) {
            throw new RecordTooLargeException(
                    "a batch of groups takes " + batch.remaining() + " bytes");
        }
        ByteBuffer own = ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
        lock.lock();
        try {
            if (!leading) {
                throw new NotLeaderOrFollowerException("the partition is not led here now");
            }
            checkEpoch();
            long base = next;
            Handing handing = new Handing();
            underWay++;
            next = base + records;
            shard.append(
                    new BatchRequest(List.of(new BatchRequest.Part(id, settings, own))),
                    outcomes -> ended(base, records, outcomes.getFirst(), handing));
            handing.over = true;
            if (handing.refused.isPresent()) {
                next = base;
                throw exception(handing.refused.get());
            }
            return base + records;
        } finally {
            lock.unlock();
        }
    }

    /** A shard that was recovered may have more than was known to be durable. */
    private void checkEpoch() {
        try {
            int now = shard.epoch();
            if (now == shardEpoch) {
                return;
            }
            if (underWay == 0 && shard.offsets(id).highWatermark() == next) {
                shardEpoch = now;
                return;
            }
        } catch (ShardUnavailableException e) {
            throw new NotLeaderOrFollowerException(e.getMessage(), e);
        }
        lose("the shard was opened anew");
        throw new NotLeaderOrFollowerException("the shard was opened anew");
    }

    /** An append on its way to the shard. */
    private static final class Handing {
        /** Whether the shard has it; what it says from then on is about what may be stored. */
        private boolean over;

        /** Why the shard did not take it. */
        private Optional<Reason> refused = Optional.empty();
    }

    /** An append has an answer; it may come before the shard has returned. */
    private void ended(long base, int records, BatchOutcome outcome, Handing handing) {
        lock.lock();
        try {
            underWay--;
            if (!handing.over && outcome instanceof AppendOutcome.Refused refused) {
                handing.refused = Optional.of(refused.reason());
                return;
            }
            if (!leading) {
                return;
            }
            if (outcome instanceof BatchOutcome.Stored stored
                    && !stored.duplicate()
                    && stored.baseOffset() == base) {
                durable = base + records;
                listener.ifPresent(one -> one.onHighWatermarkUpdated(name, durable));
            } else {
                lose("an append at offset " + base + " ended with " + outcome);
            }
        } finally {
            lock.unlock();
        }
    }

    private void lose(String why) {
        leading = false;
        onLost.accept(why);
    }

    /** Gives up the lead without telling anybody. */
    void resign() {
        lock.lock();
        try {
            leading = false;
        } finally {
            lock.unlock();
        }
    }

    private static RuntimeException exception(Reason reason) {
        return switch (reason) {
            case PARTITION_GONE, SHARD_UNAVAILABLE ->
                    new NotLeaderOrFollowerException("the shard refused: " + reason);
            case OVERLOADED, BACKLOG_FULL, STORAGE_FULL ->
                    new NotEnoughReplicasException("the shard refused: " + reason);
            case RETRY_KEY_REUSED, RETRY_OUT_OF_ORDER, TOO_MANY_RETRY_KEYS, RETRY_KEY_FULL ->
                    throw new IllegalStateException(reason + " without a retry key");
        };
    }

    /** Where the partition begins and ends. */
    Shard.Offsets offsets() throws IOException {
        return shard.offsets(id);
    }
}
