package io.tributary.ingest.kafka.cluster;

import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Changes topics of the caller's tenant by the rules that hold over HTTP; what they do not allow is
 * a {@link io.tributary.kernel.fault.ProblemException}. Blocks.
 */
public interface TopicAdmin {
    /**
     * Makes a topic, or says what would be made.
     *
     * @param configs those that are not to be as by default
     */
    Topic create(
            Principal who,
            String name,
            int partitions,
            Map<String, String> configs,
            boolean validateOnly)
            throws IOException;

    void delete(Principal who, String name) throws IOException;

    /**
     * Adds partitions, or says whether it could.
     *
     * @param count how many there are then
     */
    void grow(Principal who, String name, int count, boolean validateOnly) throws IOException;

    /**
     * Makes a topic's configs what a function of those it sets says, or says whether it could. The
     * function may run several times; what it throws changes nothing.
     */
    void configure(
            Principal who,
            String name,
            UnaryOperator<Map<String, String>> change,
            boolean validateOnly)
            throws IOException;
}
