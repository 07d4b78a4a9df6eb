package io.tributary.ingest.json;

/** How a key or value is written in JSON. */
public enum Format {
    /** Base64 of the bytes. */
    BINARY,
    /** The bytes are JSON text and stand there as they are. */
    JSON,
    /** The bytes are UTF-8 text. */
    STRING
}
