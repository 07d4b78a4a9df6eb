package io.tributary.kernel.bytes;

/**
 * Bytes that do not have the shape their format states. The caller adds the file or object it read
 * them from.
 */
public final class MalformedBytesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedBytesException(String message) {
        super(message);
    }
}
