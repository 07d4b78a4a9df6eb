package io.tributary.ingest.group;

import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;

/**
 * What a key may do with its tenant's groups. Groups have no grants of their own: who may consume
 * any topic may use groups, with the topics it may consume, and who may manage any topic may delete
 * groups.
 */
public final class GroupRights {
    private GroupRights() {}

    /** Whether the key may be in groups, see them, commit and look up offsets. */
    public static boolean mayUse(Principal who) {
        return any(who, Operation.CONSUME);
    }

    /** Whether the key may delete groups. */
    public static boolean mayDelete(Principal who) {
        return any(who, Operation.MANAGE);
    }

    private static boolean any(Principal who, Operation operation) {
        return who.role() == Role.ADMIN
                || (who.role() == Role.CLIENT
                        && who.grants().stream().anyMatch(grant -> grant.operation() == operation));
    }
}
