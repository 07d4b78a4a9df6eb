package io.tributary.kernel.id;

import java.util.regex.Pattern;

/**
 * An isolated customer. The text is {@code t-} and 16 characters of {@code a-z2-7}; the tenant's
 * logical cluster, named {@code cluster_id} in REST v3 and in Kafka's Metadata, is {@code lc-} and
 * the same characters.
 */
public record TenantId(String value) {
    private static final Pattern FORM = Pattern.compile("t-[a-z2-7]{16}");

    public TenantId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a tenant id: " + value);
        }
    }

    /** The id of the tenant's logical cluster. */
    public String clusterId() {
        return "lc-" + value.substring(2);
    }

    @Override
    public String toString() {
        return value;
    }
}
