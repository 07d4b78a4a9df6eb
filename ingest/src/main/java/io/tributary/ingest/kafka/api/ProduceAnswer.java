package io.tributary.ingest.kafka.api;

import io.tributary.ingest.door.IngestMetrics;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchOutcome.FlawedRecord;
import io.tributary.storage.BatchOutcome.Invalid;
import io.tributary.storage.BatchOutcome.Stored;
import io.tributary.storage.BatchRequest.Part;
import io.tributary.storage.segment.BatchFields;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;

/** The answer to a produce request, which is sent when every batch has ended one way or another. */
final class ProduceAnswer {
    private final KafkaRequest request;
    private final IngestMetrics metrics;
    private final ProduceResponseData data = new ProduceResponseData();

    /** Batches that have not ended, and one for the request itself. */
    private final AtomicInteger open = new AtomicInteger(1);

    ProduceAnswer(KafkaRequest request, IngestMetrics metrics) {
        this.request = request;
        this.metrics = metrics;
    }

    /** Makes room for a batch's end. */
    Slot slot(TopicProduceData topic, int partition) {
        TopicProduceResponse answers = data.responses().find(topic.name(), topic.topicId());
        if (answers == null) {
            answers = new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
            data.responses().add(answers);
        }
        PartitionProduceResponse answer = new PartitionProduceResponse().setIndex(partition);
        answers.partitionResponses().add(answer);
        open.incrementAndGet();
        return new Slot(answer);
    }

    /** Every batch has its slot. */
    void complete() {
        end();
    }

    private void end() {
        if (open.decrementAndGet() > 0) {
            return;
        }
        if (((ProduceRequest) request.body()).acks() != 0) {
            request.answer(new ProduceResponse(data));
        } else if (data.responses().stream()
                .flatMap(topic -> topic.partitionResponses().stream())
                .anyMatch(partition -> partition.errorCode() != Errors.NONE.code())) {
            // The only way to tell somebody who wants no answer.
            request.close("records were refused whose producer wants no answers");
        } else {
            request.answerNothing();
        }
    }

    /** How one batch ends. */
    final class Slot {
        private final PartitionProduceResponse answer;

        private Slot(PartitionProduceResponse answer) {
            this.answer = answer;
        }

        void refused(Errors error, String why) {
            answer.setErrorCode(error.code())
                    .setErrorMessage(why)
                    .setBaseOffset(ProduceResponse.INVALID_OFFSET);
            end();
        }

        void ended(Part part, BatchOutcome outcome) {
            switch (outcome) {
                case Stored stored -> {
                    if (!stored.duplicate()) {
                        metrics.produced(BatchFields.count(part.batch()), part.batch().remaining());
                    }
                    answer.setBaseOffset(stored.baseOffset())
                            .setLogAppendTimeMs(stored.logAppendTimeMillis().orElse(-1))
                            .setLogStartOffset(stored.logStart());
                    end();
                }
                case Invalid invalid -> {
                    for (FlawedRecord record : invalid.records()) {
                        answer.recordErrors()
                                .add(
                                        new BatchIndexAndErrorMessage()
                                                .setBatchIndex(record.index())
                                                .setBatchIndexErrorMessage(record.what()));
                    }
                    refused(error(invalid.flaw()), invalid.what());
                }
                case AppendOutcome.Refused no -> refused(error(no.reason()), no.reason().name());
                case AppendOutcome.Unknown unknown ->
                        refused(
                                Errors.REQUEST_TIMED_OUT,
                                "Whether the records were stored is not known.");
            }
        }
    }

    private static Errors error(Flaw flaw) {
        return Errors.valueOf(flaw.name());
    }

    /** All but the first are worth another try, and nothing was stored. */
    private static Errors error(Reason reason) {
        return switch (reason) {
            case PARTITION_GONE -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case SHARD_UNAVAILABLE -> Errors.NOT_LEADER_OR_FOLLOWER;
            case STORAGE_FULL -> Errors.KAFKA_STORAGE_ERROR;
            case OVERLOADED, BACKLOG_FULL -> Errors.NOT_ENOUGH_REPLICAS;
            case RETRY_KEY_REUSED, RETRY_OUT_OF_ORDER, TOO_MANY_RETRY_KEYS, RETRY_KEY_FULL ->
                    throw new IllegalStateException(reason + " without a retry key");
        };
    }
}
