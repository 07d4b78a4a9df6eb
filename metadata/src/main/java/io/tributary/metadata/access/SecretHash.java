package io.tributary.metadata.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * SHA-256 over a 16-byte salt and the secret. A slow hash would add nothing: the secrets have 256
 * random bits.
 *
 * @param salt hex
 * @param hash hex
 */
public record SecretHash(String salt, String hash) {
    private static final int SALT_BYTES = 16;

    public static SecretHash of(String secret, RandomGenerator random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return new SecretHash(
                HexFormat.of().formatHex(salt), HexFormat.of().formatHex(digest(salt, secret)));
    }

    /** Compares in a time that does not depend on the secret. */
    public boolean matches(String secret) {
        return MessageDigest.isEqual(
                HexFormat.of().parseHex(hash), digest(HexFormat.of().parseHex(salt), secret));
    }

    private static byte[] digest(byte[] salt, String secret) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(salt);
            return sha.digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
