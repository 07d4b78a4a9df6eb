package io.tributary.storage.object;

/** What a request to an object store is charged as. */
public enum RequestKind {
    /** Puts, also in parts, each of which is a request. */
    PUT,
    /** Reads, also of an object's size alone. */
    GET,
    LIST,
    DELETE
}
