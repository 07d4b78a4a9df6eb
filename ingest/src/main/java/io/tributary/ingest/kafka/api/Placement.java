package io.tributary.ingest.kafka.api;

import java.util.List;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * Where clients want partitions to be. Nothing comes of it, as where records lie is the service's
 * own affair; but what contradicts itself is refused with Kafka's errors, since its sender means
 * something else than would be made.
 */
final class Placement {
    private static final int BY_DEFAULT = -1;

    /** Beyond what anybody means. */
    private static final short MAX_REPLICATION_FACTOR = 100;

    private Placement() {}

    /** How many partitions a new topic is to have; -1 for as many as by default. */
    static int partitions(CreatableTopic asked) {
        return asked.assignments().isEmpty() ? asked.numPartitions() : asked.assignments().size();
    }

    static void check(CreatableTopic asked) {
        int factor = asked.replicationFactor();
        if (asked.assignments().isEmpty()) {
            if (factor != BY_DEFAULT && (factor < 1 || factor > MAX_REPLICATION_FACTOR)) {
                throw Errors.INVALID_REPLICATION_FACTOR.exception(
                        "The replication factor must be from 1 to "
                                + MAX_REPLICATION_FACTOR
                                + ", or -1 for the default.");
            }
            return;
        }
        if (asked.numPartitions() != BY_DEFAULT || factor != BY_DEFAULT) {
            throw Errors.INVALID_REQUEST.exception(
                    "With an assignment, the number of partitions and the replication factor must"
                            + " be -1.");
        }
        for (int i = 0; i < asked.assignments().size(); i++) {
            if (asked.assignments().find(i) == null) {
                throw Errors.INVALID_REPLICA_ASSIGNMENT.exception(
                        "The assignment's partitions must be numbered from 0 on without a gap.");
            }
        }
        checkReplicas(
                asked.assignments().stream().map(CreatableReplicaAssignment::brokerIds).toList());
    }

    /** Likewise of partitions that are to be added to those there are. */
    static void check(CreatePartitionsTopic asked, int there) {
        if (asked.assignments() == null || asked.count() <= there) {
            return;
        }
        if (asked.assignments().size() != asked.count() - there) {
            throw Errors.INVALID_REPLICA_ASSIGNMENT.exception(
                    "There are to be "
                            + (asked.count() - there)
                            + " more partitions, but the assignment has "
                            + asked.assignments().size()
                            + ".");
        }
        checkReplicas(
                asked.assignments().stream().map(CreatePartitionsAssignment::brokerIds).toList());
    }

    private static void checkReplicas(List<List<Integer>> partitions) {
        int factor = partitions.getFirst().size();
        for (List<Integer> brokers : partitions) {
            if (brokers.isEmpty()
                    || brokers.size() != factor
                    || brokers.stream().distinct().count() != factor) {
                throw Errors.INVALID_REPLICA_ASSIGNMENT.exception(
                        "Each partition must be on as many brokers as the others, at least one, and"
                                + " on each once.");
            }
        }
    }
}
