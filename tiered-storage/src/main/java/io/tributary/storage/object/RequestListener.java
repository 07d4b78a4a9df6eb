package io.tributary.storage.object;

/** Hears of every request an object store sends, retries included. Must not block. */
@FunctionalInterface
public interface RequestListener {
    /**
     * A request is sent.
     *
     * @param key the object, or the prefix of a list
     * @param retry whether it repeats one that failed
     */
    void sent(RequestKind kind, String key, boolean retry);
}
