package io.tributary.ingest.id;

import io.tributary.kernel.id.TopicId;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topics' ids as Kafka's messages have them. */
public final class TopicUuid {
    private TopicUuid() {}

    public static Uuid of(TopicId id) {
        UUID value = id.value();
        return new Uuid(value.getMostSignificantBits(), value.getLeastSignificantBits());
    }

    public static TopicId topicId(Uuid id) {
        return new TopicId(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
    }
}
