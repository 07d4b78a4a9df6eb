package io.tributary.storage.object;

import java.io.IOException;
import java.util.UUID;

/** A deployment, and what it remembers of its object store; durable. Thread-safe; blocks. */
public interface Claimant {
    /** The deployment's id, the same for as long as its metadata lives. */
    UUID id();

    /** Whether it has claimed its store before: then the store carries its marker. */
    boolean hasClaimed();

    /** Remembers that it has claimed its store; durable when this returns. */
    void claimed() throws IOException;
}
