package io.tributary.ingest.group;

import io.tributary.kernel.id.TenantId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's names among those of all tenants, which the coordinator has together: each has the
 * tenant's id and a slash in front. All ids are equally long and no name is changed otherwise, so
 * no name of one tenant is ever one of another.
 */
record Scope(TenantId tenant, String prefix) {
    private static final char SLASH = '/';

    static Scope of(TenantId tenant) {
        return new Scope(tenant, tenant.value() + SLASH);
    }

    /** Whose a name is that the coordinator knows; empty where it is nobody's. */
    static Optional<TenantId> owner(String scoped) {
        int slash = scoped.indexOf(SLASH);
        try {
            return slash < 0
                    ? Optional.empty()
                    : Optional.of(new TenantId(scoped.substring(0, slash)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A name as the coordinator knows it. */
    String in(String name) {
        return prefix + name;
    }

    boolean owns(String scoped) {
        return scoped.startsWith(prefix);
    }

    /**
     * A name as the tenant knows it.
     *
     * @throws IllegalStateException it is another's, which must never come out
     */
    String out(String scoped) {
        if (!owns(scoped)) {
            throw new IllegalStateException("a name of another tenant was about to come out");
        }
        return scoped.substring(prefix.length());
    }

    /** A text for people, which may have the tenant's names in it. */
    @Nullable String text(@Nullable String message) {
        return message == null ? null : message.replace(prefix, "");
    }
}
