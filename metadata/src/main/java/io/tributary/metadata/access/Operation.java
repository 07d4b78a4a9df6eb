package io.tributary.metadata.access;

/** What a grant allows on topics. */
public enum Operation {
    PRODUCE,
    CONSUME,
    /** Create, alter and delete. */
    MANAGE
}
