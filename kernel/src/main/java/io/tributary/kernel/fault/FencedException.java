package io.tributary.kernel.fault;

import java.io.IOException;

/**
 * A newer epoch owns what this one writes to. Nothing was written; the caller steps down and never
 * retries.
 */
public final class FencedException extends IOException {
    private static final long serialVersionUID = 1L;

    public FencedException(String message) {
        super(message);
    }
}
