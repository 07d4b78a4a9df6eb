package io.tributary.ingest.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.tributary.ingest.json.JsonFields;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicNames;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Which topics a subscription means, for who asks. Blocks on the metadata store. */
final class Interest {
    private final Topics topics;
    private final TenantId tenant;

    Interest(Topics topics, TenantId tenant) {
        this.topics = topics;
        this.tenant = tenant;
    }

    /** Refuses a pattern that is none, or takes too long to match. */
    static void check(String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw JsonFields.invalid("topic_pattern is no regular expression of RE2.");
        }
    }

    /**
     * The names of those that are there, in their order. What the caller cannot see is not there.
     *
     * @throws io.tributary.kernel.fault.ProblemException it sees a topic it named, but may not
     *     consume it; or there are more than an instance may have
     */
    List<String> names(Principal who, Subscription subscription) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        switch (subscription) {
            case Subscription.None _, Subscription.Assigned _ -> {}
            case Subscription.Topics(List<String> wanted) -> {
                for (String name : wanted) {
                    if (find(who, name).isPresent()) {
                        names.add(name);
                    }
                }
            }
            case Subscription.Matching(String text) -> {
                Pattern pattern = Pattern.compile(text);
                for (Topic topic : topics.list(tenant)) {
                    if (who.may(Operation.CONSUME, topic.name()) && pattern.matches(topic.name())) {
                        names.add(topic.name());
                    }
                }
            }
        }
        if (names.size() > InstanceRecord.MOST_TOPICS) {
            throw Refusals.tooMuch("topics", InstanceRecord.MOST_TOPICS);
        }
        return List.copyOf(names);
    }

    /** A topic that may be consumed; empty where none is to be seen. */
    Optional<Topic> find(Principal who, String name) throws IOException {
        if (!TopicNames.legal(name) || !who.maySee(name)) {
            return Optional.empty();
        }
        Optional<Topic> found = topics.find(tenant, name);
        if (found.isPresent() && !who.may(Operation.CONSUME, name)) {
            throw Refusals.denied();
        }
        return found;
    }
}
