package io.tributary.ingest.kafka.acl;

import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.TopicNames;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * API keys' grants as Kafka's ACLs, and back. A grant to consume is READ, to produce WRITE, to
 * manage CREATE, DELETE, ALTER and ALTER_CONFIGS together; whoever has any of them may DESCRIBE.
 */
final class GrantAcls {
    private static final String PRINCIPAL = "User:";
    private static final String ANY_HOST = "*";
    private static final String EVERY_TOPIC = ResourcePattern.WILDCARD_RESOURCE;

    private static final Set<AclOperation> MANAGING =
            EnumSet.of(
                    AclOperation.CREATE,
                    AclOperation.DELETE,
                    AclOperation.ALTER,
                    AclOperation.ALTER_CONFIGS);

    /** What every key may do with the cluster, and with what it has any grant for. */
    private static final Set<AclOperation> IMPLIED =
            EnumSet.of(
                    AclOperation.DESCRIBE,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.IDEMPOTENT_WRITE);

    private static final String POSSIBLE =
            " ACLs here are the grants of API keys: principal User:<id of a CLIENT key>, host *,"
                    + " ALLOW, topics, LITERAL or PREFIXED, operations READ, WRITE, CREATE, DELETE,"
                    + " ALTER, ALTER_CONFIGS, DESCRIBE and ALL.";

    private GrantAcls() {}

    /** A key's grants as ACLs. */
    static List<AclBinding> of(String keyId, List<Grant> grants) {
        List<AclBinding> acls = new ArrayList<>();
        for (Grant grant : grants) {
            for (AclOperation operation : operations(grant.operation())) {
                acls.add(
                        new AclBinding(
                                pattern(grant),
                                new AccessControlEntry(
                                        PRINCIPAL + keyId,
                                        ANY_HOST,
                                        operation,
                                        AclPermissionType.ALLOW)));
            }
        }
        return acls;
    }

    private static ResourcePattern pattern(Grant grant) {
        return switch (grant.pattern()) {
            case LITERAL ->
                    new ResourcePattern(ResourceType.TOPIC, grant.topic(), PatternType.LITERAL);
            case PREFIX ->
                    grant.topic().isEmpty()
                            ? new ResourcePattern(
                                    ResourceType.TOPIC, EVERY_TOPIC, PatternType.LITERAL)
                            : new ResourcePattern(
                                    ResourceType.TOPIC, grant.topic(), PatternType.PREFIXED);
        };
    }

    private static Set<AclOperation> operations(Operation granted) {
        return switch (granted) {
            case CONSUME -> EnumSet.of(AclOperation.READ);
            case PRODUCE -> EnumSet.of(AclOperation.WRITE);
            case MANAGE -> MANAGING;
        };
    }

    /** Whose an ACL is. */
    static String keyId(AclBinding acl) {
        String principal = acl.entry().principal();
        if (!principal.startsWith(PRINCIPAL)) {
            throw refused("The principal is no API key.");
        }
        return principal.substring(PRINCIPAL.length());
    }

    /**
     * The grants that an ACL stands for; none where it is what every key may do in any case.
     *
     * @throws ApiException grants cannot say that; it says what they can
     */
    static Set<Grant> grants(AclBinding acl) {
        AccessControlEntry entry = acl.entry();
        if (entry.permissionType() != AclPermissionType.ALLOW) {
            throw refused("What is not granted is denied already.");
        }
        if (!entry.host().equals(ANY_HOST)) {
            throw refused("Hosts cannot be told apart.");
        }
        return switch (acl.pattern().resourceType()) {
            case TOPIC -> grants(acl.pattern(), entry.operation());
            case CLUSTER -> {
                boolean implied =
                        acl.pattern().name().equals(Resource.CLUSTER_NAME)
                                && (entry.operation() == AclOperation.DESCRIBE
                                        || entry.operation() == AclOperation.IDEMPOTENT_WRITE);
                if (!implied) {
                    throw refused("The cluster is administered by ADMIN keys.");
                }
                yield Set.of();
            }
            default -> throw refused("Grants are for topics.");
        };
    }

    private static Set<Grant> grants(ResourcePattern pattern, AclOperation wanted) {
        boolean every =
                pattern.patternType() == PatternType.LITERAL && pattern.name().equals(EVERY_TOPIC);
        boolean prefix = pattern.patternType() == PatternType.PREFIXED;
        if (!every && !prefix && pattern.patternType() != PatternType.LITERAL) {
            throw refused("The pattern is neither LITERAL nor PREFIXED.");
        }
        if (!every && !TopicNames.legal(pattern.name())) {
            throw refused("No topic can have such a name.");
        }
        Set<Grant> grants = new LinkedHashSet<>();
        for (Operation operation : granted(wanted)) {
            grants.add(
                    new Grant(
                            operation,
                            every || prefix ? Grant.Pattern.PREFIX : Grant.Pattern.LITERAL,
                            every ? "" : pattern.name()));
        }
        return grants;
    }

    private static Set<Operation> granted(AclOperation wanted) {
        if (wanted == AclOperation.ALL) {
            return EnumSet.allOf(Operation.class);
        }
        if (MANAGING.contains(wanted)) {
            return EnumSet.of(Operation.MANAGE);
        }
        if (IMPLIED.contains(wanted)) {
            return Set.of();
        }
        return switch (wanted) {
            case READ -> EnumSet.of(Operation.CONSUME);
            case WRITE -> EnumSet.of(Operation.PRODUCE);
            default -> throw refused("Topics know no operation " + wanted + ".");
        };
    }

    private static ApiException refused(String why) {
        return Errors.INVALID_REQUEST.exception(why + POSSIBLE);
    }

    /**
     * What cannot be granted alone and needs another grant to be there.
     *
     * @throws ApiException there is none
     */
    static void requireImplied(AclBinding acl, List<Grant> grants) {
        boolean there =
                acl.pattern().resourceType() == ResourceType.CLUSTER
                        || grants.stream().anyMatch(one -> pattern(one).equals(acl.pattern()));
        if (!there) {
            throw refused(
                    acl.entry().operation()
                            + " comes with every other operation and cannot be granted alone.");
        }
    }
}
