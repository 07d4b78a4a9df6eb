package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;

/** Where the records of tenants, keys and topics lie. */
final class Paths {
    static final String TENANTS = "/tenants";
    static final String KEYS = "/keys";
    static final String TENANT_KEYS = "/tenant-keys";
    static final String OPERATOR_KEY = "/operator-key";
    static final String KEY_USAGE = "/key-usage";
    static final String TOPICS = "/topics";
    static final String TOPIC_IDS = "/topic-ids";
    static final String REMOVALS = "/removals";

    private Paths() {}

    static String tenant(TenantId id) {
        return TENANTS + "/" + id;
    }

    static String key(String id) {
        return KEYS + "/" + id;
    }

    static String tenantKeys(TenantId tenant) {
        return TENANT_KEYS + "/" + tenant;
    }

    static String tenantKey(TenantId tenant, String id) {
        return tenantKeys(tenant) + "/" + id;
    }

    static String usage(String keyId) {
        return KEY_USAGE + "/" + keyId;
    }

    static String topics(TenantId tenant) {
        return TOPICS + "/" + tenant;
    }

    static String topic(TenantId tenant, String name) {
        return topics(tenant) + "/" + name;
    }

    /** Whether a record is a topic's, and not the folder of a tenant's topics. */
    static boolean isTopic(String path) {
        return path.startsWith(TOPICS + "/") && path.lastIndexOf('/') > TOPICS.length();
    }

    static String topicId(TopicId id) {
        return TOPIC_IDS + "/" + id;
    }

    static String removal(TopicId id) {
        return REMOVALS + "/" + id;
    }
}
