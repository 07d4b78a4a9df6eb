package io.tributary.ingest.json;

import java.util.Optional;

/**
 * Turns a body into records while it arrives. {@link #next} and {@link #end} throw a {@link
 * io.tributary.kernel.fault.ProblemException} where the body cannot be read any further; every
 * record before that place has been handed out. Not thread-safe.
 */
public interface RecordSource {
    /** Changes how large a record may be, from the next chunk on: the topic's max.message.bytes. */
    void limit(int maxMessageBytes);

    /** Takes over the next chunk; only after {@link #next} had nothing more to give. */
    void feed(byte[] chunk);

    /** The next record; empty when it needs more bytes. */
    Optional<Parsed> next();

    /** The body is complete: the record that only its end completes, or a fault if one is cut. */
    Optional<Parsed> end();

    /** How many bytes of an unfinished record are held. */
    int heldBytes();
}
