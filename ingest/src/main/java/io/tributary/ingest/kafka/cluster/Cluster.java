package io.tributary.ingest.kafka.cluster;

import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;

/** What a tenant's cluster looks like to Kafka clients: one broker, which does everything. */
public final class Cluster {
    /** The id of this node as a broker. */
    public static final int NODE_ID = 1;

    private Cluster() {}

    public static String id(Session session) {
        return session.tenant().clusterId();
    }

    /** Refuses what only the tenant's administrators may do. */
    public static void requireAdministrator(Session session) {
        if (session.who().role() != Role.ADMIN) {
            throw Errors.CLUSTER_AUTHORIZATION_FAILED.exception(
                    "Only an ADMIN key of the tenant may do this.");
        }
    }

    /** The operations of Kafka's ACLs that a caller has on a topic, as Kafka's bit field. */
    public static int authorizedOperations(Principal who, String topic) {
        Set<AclOperation> allowed = EnumSet.noneOf(AclOperation.class);
        if (who.maySee(topic)) {
            allowed.addAll(EnumSet.of(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS));
        }
        if (who.may(Operation.PRODUCE, topic)) {
            allowed.add(AclOperation.WRITE);
        }
        if (who.may(Operation.CONSUME, topic)) {
            allowed.add(AclOperation.READ);
        }
        if (who.may(Operation.MANAGE, topic)) {
            allowed.addAll(
                    EnumSet.of(
                            AclOperation.CREATE,
                            AclOperation.DELETE,
                            AclOperation.ALTER,
                            AclOperation.ALTER_CONFIGS));
        }
        return bits(allowed);
    }

    /** Likewise on the cluster itself. */
    public static int authorizedOperations(Principal who) {
        return bits(
                who.role() == Role.ADMIN
                        ? EnumSet.of(
                                AclOperation.ALTER,
                                AclOperation.CREATE,
                                AclOperation.DESCRIBE,
                                AclOperation.DESCRIBE_CONFIGS,
                                AclOperation.IDEMPOTENT_WRITE)
                        : EnumSet.of(AclOperation.DESCRIBE, AclOperation.IDEMPOTENT_WRITE));
    }

    /** A set of operations as Kafka's bit field. */
    public static int bits(Set<AclOperation> operations) {
        return Utils.to32BitField(
                operations.stream().map(AclOperation::code).collect(Collectors.toSet()));
    }
}
