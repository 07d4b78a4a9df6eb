package io.tributary.storage;

import java.io.IOException;

/** No owner serves the shard right now; the same call may succeed in a moment. */
public final class ShardUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    public ShardUnavailableException(String message) {
        super(message);
    }
}
