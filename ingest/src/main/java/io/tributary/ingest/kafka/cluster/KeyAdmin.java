package io.tributary.ingest.kafka.cluster;

import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Principal;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Changes what keys of the caller's tenant may do, by the rules that hold over HTTP; what they do
 * not allow is a {@link io.tributary.kernel.fault.ProblemException}. Blocks.
 */
public interface KeyAdmin {
    /** The tenant's keys. */
    List<ApiKey> list(Principal who) throws IOException;

    /**
     * Makes a CLIENT key's grants what a function of them says. It may run several times; what it
     * throws changes nothing.
     */
    void changeGrants(Principal who, String keyId, UnaryOperator<List<Grant>> change)
            throws IOException;
}
