package io.tributary.ingest.kafka.api;

import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.utils.Utils;

/** What a tenant's cluster looks like to Kafka clients: one broker, which does everything. */
final class Cluster {
    /** The id of this node as a broker. */
    static final int NODE_ID = 1;

    private Cluster() {}

    static String id(Session session) {
        return session.tenant().clusterId();
    }

    /** The operations of Kafka's ACLs that a caller has on a topic, as Kafka's bit field. */
    static int authorizedOperations(Principal who, String topic) {
        Set<AclOperation> allowed = EnumSet.noneOf(AclOperation.class);
        if (who.may(Operation.PRODUCE, topic)) {
            allowed.addAll(EnumSet.of(AclOperation.WRITE, AclOperation.DESCRIBE));
        }
        if (who.may(Operation.CONSUME, topic)) {
            allowed.addAll(EnumSet.of(AclOperation.READ, AclOperation.DESCRIBE));
        }
        if (who.may(Operation.MANAGE, topic)) {
            allowed.addAll(
                    EnumSet.of(
                            AclOperation.CREATE,
                            AclOperation.DELETE,
                            AclOperation.ALTER,
                            AclOperation.DESCRIBE,
                            AclOperation.DESCRIBE_CONFIGS,
                            AclOperation.ALTER_CONFIGS));
        }
        return bits(allowed);
    }

    /** Likewise on the cluster itself. */
    static int authorizedOperations(Principal who) {
        return bits(
                who.role() == Role.ADMIN
                        ? EnumSet.of(
                                AclOperation.CREATE,
                                AclOperation.DESCRIBE,
                                AclOperation.DESCRIBE_CONFIGS,
                                AclOperation.IDEMPOTENT_WRITE)
                        : EnumSet.of(AclOperation.DESCRIBE, AclOperation.IDEMPOTENT_WRITE));
    }

    private static int bits(Set<AclOperation> operations) {
        return Utils.to32BitField(
                operations.stream().map(AclOperation::code).collect(Collectors.toSet()));
    }
}
