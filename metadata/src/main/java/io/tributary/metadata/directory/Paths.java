package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import java.util.HexFormat;

/**
 * Where the records of tenants, keys and topics lie. What there may be a million of lies in folders
 * below its root, so that no listing is long: by the first characters of a random id, and a
 * tenant's topics by a hash of their names.
 */
final class Paths {
    static final String TENANTS = "/tenants";
    static final String KEYS = "/keys";
    static final String TENANT_KEYS = "/tenant-keys";
    static final String OPERATOR_KEY = "/operator-key";
    static final String KEY_USAGE = "/key-usage";
    static final String TOPICS = "/topics";
    static final String TOPIC_IDS = "/topic-ids";
    static final String REMOVALS = "/removals";

    /** The names of folders have so many characters, and no other record with children. */
    private static final int FOLDER_LENGTH = 2;

    /** How many parts the path of a topic has: root, folder, tenant, folder, name. */
    private static final int TOPIC_PARTS = 5;

    /** Spreads names that differ little: 2 to the power of 32, divided by the golden ratio. */
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private static final String TENANT_PREFIX = "t-";

    private Paths() {}

    private static String below(String root, String id) {
        return root + "/" + id.substring(0, FOLDER_LENGTH) + "/" + id;
    }

    private static String below(String root, TenantId tenant) {
        return root + "/" + folder(tenant) + "/" + tenant;
    }

    /** The folder of a tenant; in the order of the ids. */
    static String folder(TenantId tenant) {
        int begin = TENANT_PREFIX.length();
        return tenant.value().substring(begin, begin + FOLDER_LENGTH);
    }

    /** Whether a record is a folder, that has no meaning of its own. */
    static boolean isFolder(String path) {
        return path.length() - path.lastIndexOf('/') - 1 == FOLDER_LENGTH;
    }

    static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    static String tenant(TenantId id) {
        return below(TENANTS, id);
    }

    /** Whether a record is a tenant's, and not above one. */
    static boolean isTenant(String path) {
        return path.startsWith(TENANTS + "/") && !isFolder(path);
    }

    /** Whose record of a tenant this is. */
    static TenantId tenantOf(String path) {
        return new TenantId(path.substring(path.lastIndexOf('/') + 1));
    }

    static String key(String id) {
        return below(KEYS, id);
    }

    static String tenantKeys(TenantId tenant) {
        return below(TENANT_KEYS, tenant);
    }

    static String tenantKey(TenantId tenant, String id) {
        return tenantKeys(tenant) + "/" + id;
    }

    static String usage(String keyId) {
        return below(KEY_USAGE, keyId);
    }

    static String topics(TenantId tenant) {
        return below(TOPICS, tenant);
    }

    static String topic(TenantId tenant, String name) {
        int mixed = name.hashCode() * GOLDEN_RATIO;
        return topics(tenant)
                + "/"
                + HexFormat.of().toHexDigits((byte) (mixed >>> 24))
                + "/"
                + name;
    }

    /** Whether a record is a topic's, and not above one. */
    static boolean isTopic(String path) {
        return path.startsWith(TOPICS + "/")
                && path.chars().filter(c -> c == '/').count() == TOPIC_PARTS;
    }

    static String topicId(TopicId id) {
        return below(TOPIC_IDS, id.toString());
    }

    static String removal(TopicId id) {
        return below(REMOVALS, id.toString());
    }
}
