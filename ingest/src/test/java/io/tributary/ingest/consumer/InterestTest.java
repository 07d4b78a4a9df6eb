package io.tributary.ingest.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InterestTest {
    private static final Principal WHO =
            new Principal(Optional.of(SystemTenant.ID), "key", Role.ADMIN, List.of());

    private static void add(Topics topics, int number) throws IOException {
        Topic topic =
                new Topic(
                        new TopicId(new UUID(1, number)),
                        SystemTenant.ID,
                        "t" + number,
                        List.of(new ShardId(0)),
                        Map.of(),
                        Instant.EPOCH);
        assertEquals(
                Topics.Addition.DONE,
                topics.add(topic, new Topics.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE)));
    }

    @Test
    void patternThatFindsMoreThanAnInstanceMayHaveIsRefused() throws Exception {
        Topics topics = new Directory(new MemoryRecords(), Runnable::run).topics();
        for (int i = 0; i < InstanceRecord.MOST_TOPICS; i++) {
            add(topics, i);
        }
        Interest interest = new Interest(topics, SystemTenant.ID);
        Subscription all = new Subscription.Matching("t.*");
        assertEquals(InstanceRecord.MOST_TOPICS, interest.names(WHO, all).size());

        add(topics, InstanceRecord.MOST_TOPICS);

        ProblemException refused =
                assertThrows(ProblemException.class, () -> interest.names(WHO, all));
        assertEquals(422, refused.problem().status());
        assertEquals(Optional.empty(), refused.problem().retryAfter(), "it never will succeed");
        assertEquals(1, interest.names(WHO, new Subscription.Matching("t17")).size());
    }
}
