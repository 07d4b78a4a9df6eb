package io.tributary.ingest.group;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/** The coordinator's way to its log, partition by partition. */
final class LogWriter implements PartitionWriter {
    private final List<GroupLog> logs;
    private final LogConfig config =
            new LogConfig(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, GroupLog.BATCH_BYTES));

    LogWriter(List<GroupLog> logs) {
        this.logs = logs;
    }

    private GroupLog log(TopicPartition partition) {
        return logs.get(partition.partition());
    }

    @Override
    public void registerListener(TopicPartition partition, Listener listener) {
        log(partition).register(listener);
    }

    @Override
    public void deregisterListener(TopicPartition partition, Listener listener) {
        log(partition).deregister(listener);
    }

    @Override
    public LogConfig config(TopicPartition partition) {
        return config;
    }

    @Override
    public long append(
            TopicPartition partition,
            VerificationGuard guard,
            MemoryRecords records,
            short transactionVersion) {
        RecordBatch batch = records.batches().iterator().next();
        return log(partition)
                .append(records.buffer(), (int) (batch.lastOffset() - batch.baseOffset() + 1));
    }

    @Override
    public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition partition,
            String transactionalId,
            long producerId,
            short producerEpoch,
            int apiVersion) {
        return CompletableFuture.failedFuture(
                new UnsupportedOperationException("transactions are not served"));
    }

    /** Compaction takes what is not needed any more, and nothing else does. */
    @Override
    public CompletableFuture<Void> deleteRecords(TopicPartition partition, long beforeOffset) {
        return CompletableFuture.failedFuture(
                new UnsupportedOperationException("groups are compacted, not cut off"));
    }
}
