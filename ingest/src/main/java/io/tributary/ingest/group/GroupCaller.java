package io.tributary.ingest.group;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import java.net.InetAddress;

/**
 * Who asks something of consumer groups.
 *
 * @param who a tenant's key, with the grants of now
 * @param clientId what the client calls itself; may be empty
 * @param address where it connects from
 * @param version of the request among Kafka's of its kind, which decides what may be answered
 */
public record GroupCaller(Principal who, String clientId, InetAddress address, short version) {
    public GroupCaller {
        if (who.tenant().isEmpty()) {
            throw new IllegalArgumentException("groups belong to tenants");
        }
    }

    public TenantId tenant() {
        return who.tenant().orElseThrow();
    }
}
