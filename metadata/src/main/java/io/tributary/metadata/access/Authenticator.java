package io.tributary.metadata.access;

import java.time.Instant;
import java.util.Optional;

/** Proves who sent a request. Fails closed: what cannot be checked is refused. Thread-safe. */
public interface Authenticator {
    /**
     * Answers from memory without blocking; for event loops.
     *
     * @param authorization the Authorization header's value
     * @return empty when it must be looked up with {@link #authenticate}, which may still refuse
     */
    Optional<Principal> ifKnown(String authorization);

    /**
     * Checks {@code Basic id:secret} or {@code Bearer token}; may block on the metadata store.
     *
     * @throws io.tributary.kernel.fault.ProblemException 401, the same for every reason; 503 when
     *     it cannot be checked
     */
    Principal authenticate(String authorization);

    /**
     * Until when what was authenticated before is good by itself, exclusive, if nobody revokes it;
     * {@link Instant#MAX} for ever, {@link Instant#MIN} for what is not known. Never blocks.
     */
    Instant goodUntil(String authorization);
}
