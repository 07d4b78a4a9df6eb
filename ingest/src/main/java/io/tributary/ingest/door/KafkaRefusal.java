package io.tributary.ingest.door;

/** Why a Kafka client's connection was ended without an answer. */
public enum KafkaRefusal {
    /** It sent what is no request that is served. */
    BAD_FRAME,
    /** A request came too slowly for the memory it took, which others waited for. */
    MEMORY,
    /** There were too many. */
    CONNECTIONS,
    /** It did not say who it is in time. */
    UNAUTHENTICATED,
    /** What it had proven holds no more. */
    REVOKED
}
