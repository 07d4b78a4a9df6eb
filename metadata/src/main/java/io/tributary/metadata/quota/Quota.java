package io.tributary.metadata.quota;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is limited of a tenant, and some of it of each of its API keys. */
public enum Quota {
    /** Bytes that producers send, on each node. */
    PRODUCE_BYTES_PER_SECOND(Kind.RATE_OF_BYTES),
    /** Bytes that readers get, on each node. */
    FETCH_BYTES_PER_SECOND(Kind.RATE_OF_BYTES),
    /** Requests of any kind, on each node. */
    REQUESTS_PER_SECOND(Kind.RATE),
    /** Kafka connections, and HTTP requests that last, at one time on each node. */
    CONNECTIONS(Kind.COUNT),
    TOPICS(Kind.TENANTS_COUNT),
    /** Of all topics together. */
    PARTITIONS(Kind.TENANTS_COUNT),
    API_KEYS(Kind.TENANTS_COUNT),
    CONSUMER_GROUPS(Kind.TENANTS_COUNT);

    /** How a quota is counted. */
    private enum Kind {
        RATE_OF_BYTES,
        RATE,
        COUNT,
        /** A count that makes no sense for a key. */
        TENANTS_COUNT
    }

    private final Kind kind;

    Quota(Kind kind) {
        this.kind = kind;
    }

    /** As people and programs write it, such as {@code requests_per_second}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Quota> labelled(String label) {
        return Arrays.stream(values()).filter(quota -> quota.label().equals(label)).findFirst();
    }

    public boolean isRate() {
        return kind == Kind.RATE || kind == Kind.RATE_OF_BYTES;
    }

    public boolean isOfBytes() {
        return kind == Kind.RATE_OF_BYTES;
    }

    /** Whether a key can have it for itself. */
    public boolean isOfKeys() {
        return kind != Kind.TENANTS_COUNT;
    }

    /** The least it can be: a rate of nothing would let a first request wait for ever. */
    public long least() {
        return isRate() ? 1 : 0;
    }
}
