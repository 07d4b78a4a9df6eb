package io.tributary.server.start;

import io.tributary.ingest.kafka.cluster.KeyAdmin;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Principal;
import io.tributary.tenant.access.ApiKeyService;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** What Kafka clients do with keys' grants, by the rules of {@link ApiKeyService}. */
final class TenantKeys implements KeyAdmin {
    private final ApiKeyService keys;

    TenantKeys(ApiKeyService keys) {
        this.keys = keys;
    }

    @Override
    public List<ApiKey> list(Principal who) throws IOException {
        return keys.list(who);
    }

    @Override
    public void changeGrants(Principal who, String keyId, UnaryOperator<List<Grant>> change)
            throws IOException {
        keys.changeGrants(who, keyId, change);
    }
}
