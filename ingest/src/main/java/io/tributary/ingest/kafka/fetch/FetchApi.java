package io.tributary.ingest.kafka.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.fetch.FetchSession.Owner;
import io.tributary.ingest.kafka.fetch.FetchSessions.Use;
import io.tributary.ingest.kafka.fetch.Wanted.PartitionKey;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/** Hands out record batches, within a session or not, and lets readers wait for more. Blocks. */
public final class FetchApi {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final short FIRST_WITH_IDS = 13;

    /** Of all sessions' together. */
    private static final int MAX_SESSION_PARTITIONS = 100_000;

    private final IngestNode node;
    private final KafkaTopics topics;
    private final FetchSessions sessions;

    /**
     * Serves readers.
     *
     * @param maxSessions how many sessions are kept
     */
    public FetchApi(IngestNode node, KafkaTopics topics, int maxSessions) {
        this.node = node;
        this.topics = topics;
        sessions =
                new FetchSessions(maxSessions, MAX_SESSION_PARTITIONS, node.clock(), node.random());
    }

    public AbstractResponse fetch(KafkaRequest request) throws InterruptedException {
        FetchRequestData asked = ((FetchRequest) request.body()).data();
        FetchMetadata place = ((FetchRequest) request.body()).metadata();
        Owner owner = owner(request.session());
        boolean byId = request.version() >= FIRST_WITH_IDS;
        if (!place.isFull()) {
            return inSession(request, owner, byId);
        }
        if (place.sessionId() != FetchMetadata.INVALID_SESSION_ID) {
            sessions.end(place.sessionId(), owner);
        }
        List<Wanted> wanted = wanted(asked);
        Map<PartitionKey, PartitionData> read = read(request, wanted);
        int session =
                place.epoch() == FetchMetadata.FINAL_EPOCH
                        ? FetchMetadata.INVALID_SESSION_ID
                        : sessions.begin(owner, byId, wanted, read)
                                .orElse(FetchMetadata.INVALID_SESSION_ID);
        return answer(session, read);
    }

    private AbstractResponse inSession(KafkaRequest request, Owner owner, boolean byId)
            throws InterruptedException {
        FetchRequestData asked = ((FetchRequest) request.body()).data();
        Use use =
                sessions.use(
                        new FetchSessions.Step(
                                asked.sessionId(),
                                asked.sessionEpoch(),
                                owner,
                                byId,
                                wanted(asked),
                                forgotten(asked)));
        return switch (use) {
            case Use.Refused(Errors error) ->
                    FetchResponse.of(new FetchResponseData().setErrorCode(error.code()));
            case Use.Ended _ -> FetchResponse.of(new FetchResponseData());
            case Use.Read(List<Wanted> wanted) -> {
                Map<PartitionKey, PartitionData> read = read(request, wanted);
                yield answer(asked.sessionId(), sessions.news(asked.sessionId(), read));
            }
        };
    }

    private static Owner owner(Session session) {
        return new Owner(session.tenant(), session.who().keyId());
    }

    private static List<Wanted> wanted(FetchRequestData asked) {
        List<Wanted> wanted = new ArrayList<>();
        for (FetchTopic topic : asked.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                wanted.add(Wanted.of(topic, partition));
            }
        }
        return wanted;
    }

    private static List<PartitionKey> forgotten(FetchRequestData asked) {
        List<PartitionKey> forgotten = new ArrayList<>();
        for (ForgottenTopic topic : asked.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                forgotten.add(new PartitionKey(topic.topic(), topic.topicId(), partition));
            }
        }
        return forgotten;
    }

    /** Reads once there is enough, or the time is over. */
    private Map<PartitionKey, PartitionData> read(KafkaRequest request, List<Wanted> wanted)
            throws InterruptedException {
        FetchRequestData asked = ((FetchRequest) request.body()).data();
        long deadline =
                node.clock().millis() + Math.min(asked.maxWaitMs(), LONGEST_WAIT.toMillis());
        while (true) {
            FetchRound round = new FetchRound(topics, request);
            round.look(wanted);
            long left = deadline - node.clock().millis();
            if (round.complete() || left <= 0 || request.gone() || node.stopping().begun()) {
                Map<PartitionKey, PartitionData> read = round.read();
                node.metrics().fetched(round.records(), round.bytes());
                return read;
            }
            round.await(Duration.ofMillis(Math.min(left, Permission.RECHECK.toMillis())));
        }
    }

    private static FetchResponse answer(int session, Map<PartitionKey, PartitionData> partitions) {
        FetchResponseData answer = new FetchResponseData().setSessionId(session);
        FetchableTopicResponse topic = null;
        for (Map.Entry<PartitionKey, PartitionData> one : partitions.entrySet()) {
            PartitionKey key = one.getKey();
            if (topic == null
                    || !topic.topic().equals(key.topic())
                    || !topic.topicId().equals(key.topicId())) {
                topic =
                        new FetchableTopicResponse()
                                .setTopic(key.topic())
                                .setTopicId(key.topicId());
                answer.responses().add(topic);
            }
            topic.partitions().add(one.getValue());
        }
        return FetchResponse.of(answer);
    }
}
