package io.tributary.ingest.kafka.api;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import java.time.Duration;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * Hands out record batches, and lets readers wait for more. Sessions are not kept: every fetch
 * names all its partitions, as Kafka's clients do where they are given no session. Blocks.
 */
final class FetchApi {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final IngestNode node;
    private final KafkaTopics topics;

    FetchApi(IngestNode node, KafkaTopics topics) {
        this.node = node;
        this.topics = topics;
    }

    AbstractResponse fetch(KafkaRequest request) throws InterruptedException {
        FetchRequestData asked = ((FetchRequest) request.body()).data();
        if (asked.sessionId() != 0) {
            return FetchResponse.of(
                    new FetchResponseData().setErrorCode(Errors.FETCH_SESSION_ID_NOT_FOUND.code()));
        }
        long deadline =
                node.clock().millis() + Math.min(asked.maxWaitMs(), LONGEST_WAIT.toMillis());
        while (true) {
            FetchRound round = new FetchRound(topics, request);
            FetchResponse answer = round.read();
            long left = deadline - node.clock().millis();
            if (round.bytes() >= asked.minBytes()
                    || round.pointlessToWait()
                    || left <= 0
                    || request.gone()
                    || node.stopping().begun()) {
                node.metrics().fetched(round.records(), round.bytes());
                return answer;
            }
            round.await(Duration.ofMillis(Math.min(left, Permission.RECHECK.toMillis())));
        }
    }
}
