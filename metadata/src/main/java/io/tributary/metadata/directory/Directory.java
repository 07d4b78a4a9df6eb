package io.tributary.metadata.directory;

import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;

/** Tenants, keys and topics over one store of records. */
public final class Directory {
    private static final List<String> ROOTS =
            List.of(
                    Paths.TENANTS,
                    Paths.KEYS,
                    Paths.TENANT_KEYS,
                    Paths.OPERATOR_KEY,
                    Paths.KEY_USAGE,
                    Paths.TOPICS,
                    Paths.TOPIC_IDS,
                    Paths.REMOVALS);

    private final Tenants tenants;
    private final ApiKeys apiKeys;
    private final Topics topics;

    /**
     * Opens the directory, making its roots where they are missing; blocks.
     *
     * @param background runs short tasks that block
     */
    public Directory(VersionedRecords records, Executor background) throws IOException {
        for (String root : ROOTS) {
            if (records.read(root).isEmpty()) {
                records.apply(List.of(new Change.Create(root, new byte[0])));
            }
        }
        String own = Paths.topics(SystemTenant.ID);
        if (records.read(own).isEmpty()) {
            new Tally(records).apply(List.of(new Change.Create(own, new byte[0])));
        }
        StoredTopics storedTopics = new StoredTopics(records, background);
        topics = storedTopics;
        apiKeys = new StoredApiKeys(records, background);
        tenants = new StoredTenants(records, storedTopics, background);
    }

    public Tenants tenants() {
        return tenants;
    }

    public ApiKeys apiKeys() {
        return apiKeys;
    }

    public Topics topics() {
        return topics;
    }

    /** What tenants may, by their records and these plans. */
    public TenantLimits limits(Plans plans) {
        return new StoredLimits(tenants, apiKeys, plans);
    }
}
