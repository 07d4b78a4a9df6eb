package io.tributary.ingest.kafka.quota;

import io.tributary.metadata.access.Principal;
import io.tributary.metadata.quota.Quotas;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Looks at quotas of the caller's tenant, and changes those of its keys, by the rules that hold
 * over HTTP; what they do not allow is a {@link io.tributary.kernel.fault.ProblemException}.
 * Blocks.
 */
public interface QuotaAdmin {
    /**
     * A key's quotas.
     *
     * @param limits what holds, within its tenant's
     */
    record KeyQuotas(String keyId, Quotas limits) {}

    /** What the tenant may. */
    Quotas tenant(Principal who) throws IOException;

    /** What each of its keys may. */
    List<KeyQuotas> keys(Principal who) throws IOException;

    /**
     * Changes what one of them may, or says whether that could be done; false when the tenant has
     * no such key.
     *
     * @param change of what was set for it; may run again after another change in between, and what
     *     it throws changes nothing
     */
    boolean change(Principal who, String keyId, UnaryOperator<Quotas> change, boolean validateOnly)
            throws IOException;
}
