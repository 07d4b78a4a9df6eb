package io.tributary.tenant.access;

import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The key of whoever runs the service. */
public final class OperatorKey {
    private OperatorKey() {}

    /** A new operator's key; adding it to the keys is the caller's. */
    public static NewKey create(Secrets secrets, Instant now) {
        String secret = secrets.newSecret();
        ApiKey key =
                new ApiKey(
                        secrets.newId(),
                        Optional.empty(),
                        Role.OPERATOR,
                        SecretHash.of(secret, secrets.random()),
                        "operator",
                        List.of(),
                        now,
                        Optional.empty(),
                        Optional.empty());
        return new NewKey(key, secret);
    }
}
