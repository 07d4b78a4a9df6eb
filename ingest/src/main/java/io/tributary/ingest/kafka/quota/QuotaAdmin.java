package io.tributary.ingest.kafka.quota;

import io.tributary.metadata.access.Principal;
import io.tributary.metadata.quota.Quotas;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Looks at quotas of the caller's tenant, and changes those of its keys, by the rules that hold
 * over HTTP; what they do not allow is a {@link io.tributary.kernel.fault.ProblemException}.
 * Blocks.
 */
public interface QuotaAdmin {
    /**
     * A key's quotas.
     *
     * @param own what was set for it
     * @param limits what holds, within its tenant's
     */
    record KeyQuotas(String keyId, Quotas own, Quotas limits) {}

    /** What the tenant may. */
    Quotas tenant(Principal who) throws IOException;

    /** What each of its keys may. */
    List<KeyQuotas> keys(Principal who) throws IOException;

    /** What one of them may; empty when the tenant has no such key. */
    Optional<KeyQuotas> key(Principal who, String keyId) throws IOException;

    /** Says anew what a key may, or whether that could be said. */
    void set(Principal who, String keyId, Quotas quotas, boolean validateOnly) throws IOException;
}
