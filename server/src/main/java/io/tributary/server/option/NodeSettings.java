package io.tributary.server.option;

import io.tributary.kernel.bytes.ByteSize;
import io.tributary.metadata.quota.Plans;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** How this node runs, complete and checked. */
public record NodeSettings(
        Path data,
        Listener listener,
        Kafka kafka,
        Objects objects,
        SignUp signUp,
        Limits limits,
        Storage storage,
        Prices prices,
        boolean benchCeiling) {
    /** Where clients reach it. */
    public record Listener(
            String host, String bindAddress, int httpsPort, Optional<Certificate> certificate) {}

    /**
     * Where Kafka clients reach it; a port of 0 is not listened on.
     *
     * @param port for SASL_PLAINTEXT, on the address of its own
     * @param tlsPort for SASL_SSL, where HTTPS listens
     * @param configs broker configs that are not as by default, by Kafka's names
     */
    public record Kafka(
            String advertisedHost,
            int port,
            String bindAddress,
            int tlsPort,
            Optional<Development> development,
            Map<String, String> configs) {}

    /**
     * A port for everybody on this machine.
     *
     * @param tenant the name of whose cluster it is
     */
    public record Development(int port, String tenant) {}

    /** A certificate of the user's own, both as PEM. */
    public record Certificate(Path certificate, Path key) {}

    /** Where objects go; a folder below the data without a location. */
    public record Objects(
            Optional<URI> location,
            Optional<URI> s3Endpoint,
            String s3Region,
            Optional<Boolean> s3PathStyle) {}

    /** Who may sign up. */
    public enum SignUpPolicy {
        OPEN,
        OPERATOR
    }

    /** Who may sign up, and how fast. */
    public record SignUp(SignUpPolicy policy, int perMinuteAndAddress) {}

    /** How much a tenant may have. */
    public record Limits(
            int tenants,
            Plans plans,
            int partitionsPerTopic,
            int retryKeysPerTenant,
            Duration tokenLifetime,
            Duration consumerInstanceTimeout) {}

    /** How records are kept. */
    public record Storage(
            int shards,
            ByteSize flushBytes,
            Duration flushAge,
            ByteSize backlogBytes,
            ByteSize ledgerBytes,
            ByteSize tailCacheBytes,
            ByteSize chunkCacheBytes,
            ByteSize indexCacheBytes,
            ByteSize readAheadBytes,
            ByteSize localCacheBytes,
            ByteSize localCacheFillBytes,
            ByteSize diskReserve,
            Duration retryWindow,
            Duration producerExpiration,
            Duration orphanGrace,
            Duration scrubInterval,
            ByteSize scrubVerifyBytes,
            Duration metadataBackupInterval,
            Tier tier) {}

    /** How objects are made. */
    public record Tier(int zstdLevel, int mergeObjects, Duration mergeAge) {}

    /**
     * What the object store charges, in whatever currency.
     *
     * @param putsPer1000 also for lists
     * @param getsPer1000 also for looks at an object's size
     * @param gbMonth for storing 2^30 bytes for a month
     * @param egressGb for 2^30 bytes that leave the store
     */
    public record Prices(double putsPer1000, double getsPer1000, double gbMonth, double egressGb) {}
}
