package io.tributary.server.option;

/** An option that cannot be: the message names it as the user wrote it, and what is expected. */
public final class OptionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OptionException(String message) {
        super(message, null, false, false);
    }
}
