package io.tributary.metadata.access;

import io.tributary.kernel.id.TenantId;
import java.util.List;
import java.util.Optional;

/**
 * Who makes a request, proven.
 *
 * @param tenant empty for the operator only
 * @param keyId the API key, also behind a token
 * @param grants what a {@link Role#CLIENT} may do
 */
public record Principal(Optional<TenantId> tenant, String keyId, Role role, List<Grant> grants) {
    public Principal {
        if (tenant.isEmpty() != (role == Role.OPERATOR)) {
            throw new IllegalArgumentException("the operator, and nobody else, has no tenant");
        }
        grants = List.copyOf(grants);
    }

    public boolean may(Operation operation, String topicName) {
        return switch (role) {
            case OPERATOR -> false;
            case ADMIN -> true;
            case CLIENT -> grants.stream().anyMatch(grant -> grant.allows(operation, topicName));
        };
    }

    /** Whether the topic may be seen at all. */
    public boolean maySee(String topicName) {
        return may(Operation.PRODUCE, topicName)
                || may(Operation.CONSUME, topicName)
                || may(Operation.MANAGE, topicName);
    }
}
