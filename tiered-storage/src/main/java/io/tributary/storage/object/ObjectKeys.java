package io.tributary.storage.object;

import java.util.regex.Pattern;

/** The keys every store takes. */
final class ObjectKeys {
    private static final Pattern FORM =
            Pattern.compile("[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*");
    private static final int MAX_LENGTH = 512;

    private ObjectKeys() {}

    static String check(String key) {
        if (key.length() > MAX_LENGTH || !FORM.matcher(key).matches()) {
            throw new IllegalArgumentException("not an object key: " + key);
        }
        return key;
    }
}
