package io.tributary.server.command;

/** What was asked for is not there, or must not be done as things are; the message says why. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }
}
