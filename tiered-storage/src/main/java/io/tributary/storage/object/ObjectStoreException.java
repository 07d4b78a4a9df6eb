package io.tributary.storage.object;

import java.io.IOException;

/** What an object store could not do, and whether trying again can help. */
public final class ObjectStoreException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What the caller does about it. */
    public enum Kind {
        /** The store is away, slow or refuses for now: back off and try again. */
        UNAVAILABLE,
        /** There is no such object. */
        MISSING,
        /** The key is taken: keys are never written twice, so this is a defect or another owner. */
        EXISTS,
        /** Credentials, bucket or configuration are wrong: an operator has to act. */
        DENIED,
        /** The bytes that came are not those that were asked for. */
        CORRUPT,
        /** The store does not know this kind of request. */
        UNSUPPORTED
    }

    private final Kind kind;

    public ObjectStoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public ObjectStoreException(Kind kind, String message) {
        this(kind, message, null);
    }

    public Kind kind() {
        return kind;
    }
}
