package io.tributary.kernel.fault;

import java.io.IOException;

/**
 * Stored bytes are not what was written. Nothing of them is served; the message names the file or
 * object, the byte offset, what is wrong and what to do.
 */
public final class CorruptDataException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptDataException(String where, long offset, String what, String advice) {
        super(where + " is damaged at byte " + offset + ": " + what + ". " + advice);
    }
}
