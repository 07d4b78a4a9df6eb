package io.tributary.ingest.quota;

import java.util.concurrent.atomic.AtomicBoolean;

/** A connection's place among those of its tenant and its key; given back once. Thread-safe. */
public final class Place implements AutoCloseable {
    private final Account tenant;
    private final Account key;
    private final AtomicBoolean taken = new AtomicBoolean(true);

    Place(Account tenant, Account key) {
        this.tenant = tenant;
        this.key = key;
    }

    @Override
    public void close() {
        if (taken.compareAndSet(true, false)) {
            tenant.disconnect();
            key.disconnect();
        }
    }
}
