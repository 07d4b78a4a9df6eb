package io.tributary.storage;

import java.io.IOException;

/** A reader asked for an offset that the partition does not have (any more, or yet). */
public final class OffsetOutOfRangeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Shard.Offsets available;

    public OffsetOutOfRangeException(long offset, Shard.Offsets available) {
        super(
                "offset "
                        + offset
                        + " is outside "
                        + available.logStart()
                        + " to "
                        + available.highWatermark());
        this.available = available;
    }

    public Shard.Offsets available() {
        return available;
    }
}
