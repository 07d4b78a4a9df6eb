package io.tributary.ingest.kafka.wire;

import io.tributary.metadata.access.Principal;
import java.io.IOException;
import java.util.Optional;

/**
 * A port for Kafka clients.
 *
 * @param name as in Kafka's configuration, such as {@code SASL_SSL}
 * @param advertisedHost what clients are told to connect to
 * @param port likewise
 * @param everybody who all its clients are, where they need not authenticate
 */
public record Endpoint(
        String name, String advertisedHost, int port, Optional<Everybody> everybody) {

    /** Who a client is that need not authenticate. */
    @FunctionalInterface
    public interface Everybody {
        /** Blocks; empty while nobody is let in. */
        Optional<Principal> who() throws IOException;
    }
}
