package io.tributary.metadata.access;

/** What kind of holder an API key has. */
public enum Role {
    /** Runs the service; belongs to no tenant. */
    OPERATOR,
    /** May do everything within its tenant. */
    ADMIN,
    /** May do within its tenant what its grants say. */
    CLIENT
}
