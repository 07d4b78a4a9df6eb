package io.tributary.ingest.group;

import io.tributary.storage.Shard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the coordinator's partitions from start to end, some at a time, on threads of its own. */
final class LogLoader implements CoordinatorLoader<CoordinatorRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);
    private static final int THREADS = 4;
    private static final int FETCH_BYTES = 1 << 20;

    /** Readers wait for what is written so far, and memory for what is read: both in steps. */
    private static final long COMMIT_OFFSETS = 16_384;

    private static final long PROGRESS_MILLIS = 5_000;

    private final List<GroupLog> logs;
    private final Consumer<CoordinatorRecord> seen;
    private final Outcome outcome;
    private final InstantSource clock;
    private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    THREADS, Thread.ofPlatform().name("tributary-groups-load-", 0).factory());
    private volatile boolean closed;

    /** Told how each load ended, before the coordinator is. */
    interface Outcome {
        void loaded(int partition, long millis, long records);

        void failed(int partition, Throwable why);
    }

    /**
     * Makes one.
     *
     * @param seen sees each record that the coordinator does
     */
    LogLoader(
            List<GroupLog> logs,
            Consumer<CoordinatorRecord> seen,
            Outcome outcome,
            InstantSource clock) {
        this.logs = logs;
        this.seen = seen;
        this.outcome = outcome;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        CompletableFuture<LoadSummary> done = new CompletableFuture<>();
        long queued = clock.millis();
        try {
            threads.execute(() -> run(partition, new Playing(playback), queued, done));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private void run(
            TopicPartition partition,
            Playing playing,
            long queued,
            CompletableFuture<LoadSummary> done) {
        long started = clock.millis();
        int index = partition.partition();
        try {
            read(partition, logs.get(index), playing);
            long ended = clock.millis();
            outcome.loaded(index, ended - started, playing.records);
            done.complete(
                    new LoadSummary(
                            queued, ended, started - queued, playing.records, playing.bytes));
        } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
            if (!closed) {
                outcome.failed(index, e);
            }
        }
    }

    private void read(TopicPartition partition, GroupLog log, Playing playing) throws IOException {
        int epoch = log.shard().epoch();
        Shard.Offsets offsets = log.offsets();
        long end = offsets.highWatermark();
        long at = offsets.logStart();
        long told = clock.millis();
        while (at < end) {
            if (closed) {
                throw new CancellationException("the node stops");
            }
            List<ByteBuffer> batches = log.shard().fetch(log.id(), at, FETCH_BYTES).batches();
            if (batches.isEmpty()) {
                // What lies there was compacted, or lost in a restore.
                break;
            }
            for (ByteBuffer batch : batches) {
                at = Math.max(at, playing.play(batch, at));
            }
            if (clock.millis() - told > PROGRESS_MILLIS) {
                told = clock.millis();
                LOG.info(
                        "groups are being read partition={} offset={} end={}",
                        partition.partition(),
                        at,
                        end);
            }
        }
        playing.reached(end);
        log.lead(end, epoch);
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
    }

    /** One load's way through the records. */
    private final class Playing {
        private final CoordinatorPlayback<CoordinatorRecord> coordinator;
        private long committed;
        private long records;
        private long bytes;

        Playing(CoordinatorPlayback<CoordinatorRecord> coordinator) {
            this.coordinator = coordinator;
        }

        /** Plays a batch's records from an offset on; returns the offset behind the last. */
        long play(ByteBuffer bytesOfBatch, long from) {
            long end = from;
            MemoryRecords batches = MemoryRecords.readableRecords(bytesOfBatch.duplicate());
            for (RecordBatch batch : batches.batches()) {
                for (Record one : batch) {
                    if (one.offset() >= from) {
                        play(batch, one);
                    }
                }
                end = batch.nextOffset();
            }
            bytes += batches.sizeInBytes();
            if (end - committed >= COMMIT_OFFSETS) {
                reached(end);
            }
            return end;
        }

        private void play(RecordBatch batch, Record one) {
            records++;
            CoordinatorRecord read;
            try {
                read = serde.deserialize(one.key(), one.value());
            } catch (Deserializer.UnknownRecordTypeException e) {
                LOG.warn(
                        "a record about groups is of a kind nobody knows kind={}", e.unknownType());
                return;
            }
            seen.accept(read);
            coordinator.replay(one.offset(), batch.producerId(), batch.producerEpoch(), read);
        }

        /** Everything before the offset has been played. */
        void reached(long offset) {
            if (offset > committed) {
                coordinator.updateLastWrittenOffset(offset);
                coordinator.updateLastCommittedOffset(offset);
                committed = offset;
            }
        }
    }
}
