package io.tributary.tenant.access;

import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** The key of whoever runs the service, with its secret. */
public record OperatorKey(String id, String secret) {
    /** As {@link Secrets} makes them, so that no weak one gets in. */
    private static final Pattern FORM = Pattern.compile("[A-Z2-7]{16}:[A-Za-z0-9_-]{43}");

    /** A new key; nobody knows it yet. */
    public static OperatorKey create(Secrets secrets) {
        return new OperatorKey(secrets.newId(), secrets.newSecret());
    }

    /** Reads {@code id:secret}; empty where the text is no key such as {@link #create} makes. */
    public static Optional<OperatorKey> parse(String text) {
        if (!FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        int colon = text.indexOf(':');
        return Optional.of(new OperatorKey(text.substring(0, colon), text.substring(colon + 1)));
    }

    /** Whether this is the key that is stored. */
    public boolean is(ApiKey stored) {
        return stored.role() == Role.OPERATOR && stored.secretHash().matches(secret);
    }

    /** The key as it is stored, without its secret. */
    public ApiKey stored(RandomGenerator random, Instant now) {
        return new ApiKey(
                id,
                Optional.empty(),
                Role.OPERATOR,
                SecretHash.of(secret, random),
                "operator",
                List.of(),
                now,
                Optional.empty(),
                Optional.empty());
    }

    /** {@code id:secret}. */
    public String text() {
        return id + ":" + secret;
    }

    @Override
    public String toString() {
        return "OperatorKey[" + id + "]";
    }
}
