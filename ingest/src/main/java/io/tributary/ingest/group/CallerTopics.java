package io.tributary.ingest.group;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicNames;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Topics as a caller names them where offsets are committed, looked up and deleted; those it may
 * not consume are refused whether they are there or not. Blocks on the metadata store.
 */
final class CallerTopics {
    private final Topics topics;

    CallerTopics(Topics topics) {
        this.topics = topics;
    }

    /** Whether the caller may have anything to do with a topic of this name. */
    static boolean allowed(GroupCaller caller, String name) {
        return TopicNames.legal(name) && caller.who().may(Operation.CONSUME, name);
    }

    /**
     * The topic of a name, or of an id where that is not zero.
     *
     * @throws org.apache.kafka.common.errors.ApiException there is none for the caller; says why
     */
    Topic find(GroupCaller caller, String name, Uuid id) {
        return id.equals(Uuid.ZERO_UUID) ? find(caller, name) : find(caller, id);
    }

    private Topic find(GroupCaller caller, String name) {
        if (!allowed(caller, name)) {
            throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
        }
        return ifThere(caller, name).orElseThrow(Errors.UNKNOWN_TOPIC_OR_PARTITION::exception);
    }

    /** The topic of a name, whatever the caller may do. */
    Optional<Topic> ifThere(GroupCaller caller, String name) {
        try {
            return topics.find(caller.tenant(), name);
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    private Topic find(GroupCaller caller, Uuid id) {
        Topic topic;
        try {
            topic =
                    topics.find(TopicUuid.topicId(id))
                            .filter(one -> one.tenant().equals(caller.tenant()))
                            .filter(one -> caller.who().maySee(one.name()))
                            .orElseThrow(Errors.UNKNOWN_TOPIC_ID::exception);
        } catch (IOException e) {
            throw unknown(e);
        }
        if (!caller.who().may(Operation.CONSUME, topic.name())) {
            throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
        }
        return topic;
    }

    private static CoordinatorNotAvailableException unknown(IOException e) {
        return new CoordinatorNotAvailableException("topics cannot be looked up now", e);
    }
}
