package io.tributary.server.option;

/** A place in a partition. */
public sealed interface Place {
    /** At this offset. */
    record Offset(long offset) implements Place {}

    /** At the first record whose timestamp, in milliseconds since 1970, is not before this. */
    record Time(long millis) implements Place {}
}
