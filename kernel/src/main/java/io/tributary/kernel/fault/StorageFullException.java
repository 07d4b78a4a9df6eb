package io.tributary.kernel.fault;

import java.io.IOException;

/**
 * A disk, or a quota on it, has no room left. What was to be written is not there, or only in part;
 * the same may succeed once there is room.
 */
public final class StorageFullException extends IOException {
    private static final long serialVersionUID = 1L;

    public StorageFullException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether this is what the failure comes from. */
    public static boolean causes(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof StorageFullException) {
                return true;
            }
        }
        return false;
    }
}
