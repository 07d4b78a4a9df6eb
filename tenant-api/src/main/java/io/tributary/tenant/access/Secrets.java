package io.tributary.tenant.access;

import java.util.Base64;
import java.util.random.RandomGenerator;

/** Makes ids and secrets that nobody can guess. */
public final class Secrets {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_LENGTH = 16;
    private static final int SECRET_BYTES = 32;

    private final RandomGenerator random;

    /**
     * Draws from this source.
     *
     * @param random a cryptographic one
     */
    public Secrets(RandomGenerator random) {
        this.random = random;
    }

    /** 16 characters of A-Z2-7: 80 random bits. */
    public String newId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(BASE32.charAt(random.nextInt(BASE32.length())));
        }
        return id.toString();
    }

    /** Whether a text has the form of an id. */
    public static boolean isId(String text) {
        return text.length() == ID_LENGTH && text.chars().allMatch(c -> BASE32.indexOf(c) >= 0);
    }

    /** 256 random bits in base64url. */
    public String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public RandomGenerator random() {
        return random;
    }
}
