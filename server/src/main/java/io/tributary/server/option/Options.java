package io.tributary.server.option;

import io.tributary.kernel.bytes.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** All options, and where their values come from: arguments, then properties, then environment. */
public final class Options {
    private static final Arguments.Command COMMAND = new Arguments.Command("up", 0);
    private static final List<Option<?>> ALL = new ArrayList<>();

    /** What the launcher, not the service, reads. */
    private static final String LAUNCHER_VARIABLE = "TRIBUTARY_JAVA_OPTIONS";

    static final Option<Path> DATA =
            option("data", "./data", "folder for everything this node keeps", Values::path);
    private static final Option<String> HOST =
            option("host", "localhost", "the name clients reach this node by", Values::host);
    private static final Option<String> BIND_ADDRESS =
            option(
                    "bind-address",
                    "localhost",
                    "the address to listen on; localhost is 127.0.0.1 and ::1",
                    Values::host);
    private static final Option<Integer> HTTPS_PORT =
            option("https-port", "8443", "port for HTTPS; 0 for any", Values.number(0, 65535));
    private static final Option<Optional<Path>> TLS_CERT =
            option("tls-cert", "", "own certificate chain, PEM", Values.optional(Values::path));
    private static final Option<Optional<Path>> TLS_KEY =
            option("tls-key", "", "its private key, PEM", Values.optional(Values::path));
    static final Option<Optional<URI>> OBJECT_STORE =
            option(
                    "object-store",
                    "",
                    "s3://bucket/prefix or file:///folder; a folder below the data by default",
                    Values::objectStore);
    static final Option<Optional<URI>> S3_ENDPOINT =
            option(
                    "s3-endpoint",
                    "",
                    "URL of an S3-compatible store; AWS by default",
                    Values.optional(Values::endpoint));
    static final Option<String> S3_REGION =
            option("s3-region", "us-east-1", "region of the bucket", Values::host);
    static final Option<Optional<Boolean>> S3_PATH_STYLE =
            option(
                    "s3-path-style",
                    "",
                    "whether the bucket is part of the path; true with an endpoint by default",
                    Values.optional(Values::flag));
    private static final Option<NodeSettings.SignUpPolicy> SIGN_UP =
            option(
                    "sign-up",
                    "open",
                    "who may add tenants: open or operator",
                    Values.word(NodeSettings.SignUpPolicy.class));
    private static final Option<Integer> SIGN_UP_RATE =
            option(
                    "sign-up-rate",
                    "60",
                    "sign-ups a minute from one address",
                    Values.number(1, 1_000_000));
    private static final Option<Integer> MAX_TENANTS =
            option("max-tenants", "10000", "tenants", Values.number(1, 10_000_000));
    private static final Option<Integer> MAX_PARTITIONS_PER_TOPIC =
            option("max-partitions-per-topic", "1000", "partitions of a topic", count());
    private static final Option<Integer> MAX_RETRY_KEYS_PER_TENANT =
            option(
                    "max-retry-keys-per-tenant",
                    "100000",
                    "live Idempotency-Keys of a tenant in a shard",
                    count());
    private static final Option<Duration> TOKEN_LIFETIME =
            option(
                    "token-lifetime",
                    "15m",
                    "how long a bearer token lives",
                    Values.duration(Duration.ofSeconds(1)));
    private static final Option<Duration> CONSUMER_INSTANCE_TIMEOUT =
            option(
                    "consumer-instance-timeout",
                    "5m",
                    "give up a consumer instance that is not used so long",
                    Values.duration(Duration.ofSeconds(1)));
    private static final Option<Integer> SHARDS =
            option(
                    "shards",
                    "1",
                    "shards of the cluster; may grow, never shrink",
                    Values.number(1, 1_000));
    private static final Option<ByteSize> FLUSH_BYTES =
            option(
                    "flush-bytes",
                    "64MiB",
                    "move records to the object store when so many wait",
                    Values.size("64KiB"));
    private static final Option<Duration> FLUSH_AGE =
            option(
                    "flush-age",
                    "5m",
                    "move records to the object store when they are so old",
                    Values.duration(Duration.ofMillis(100)));
    private static final Option<ByteSize> BACKLOG_BYTES =
            option(
                    "backlog-bytes",
                    "4GiB",
                    "refuse produce when so much waits for the object store",
                    Values.size("1MiB"));
    private static final Option<ByteSize> LEDGER_BYTES =
            option("ledger-bytes", "256MiB", "size of a ledger", Values.size("1MiB"));
    private static final Option<ByteSize> TAIL_CACHE_BYTES =
            option(
                    "tail-cache-bytes",
                    "32MiB",
                    "newest log entries kept in memory",
                    Values.size("1MiB"));
    private static final Option<ByteSize> CHUNK_CACHE_BYTES =
            option(
                    "chunk-cache-bytes",
                    "32MiB",
                    "pieces of objects kept in memory",
                    Values.size("4MiB"));
    private static final Option<ByteSize> INDEX_CACHE_BYTES =
            option(
                    "index-cache-bytes",
                    "8MiB",
                    "indexes of segments kept in memory",
                    Values.size("1MiB"));
    private static final Option<ByteSize> READ_AHEAD_BYTES =
            option(
                    "read-ahead-bytes",
                    "64MiB",
                    "memory for what is on its way from the object store and fetched ahead of"
                            + " readers",
                    Values.size("16MiB"));
    private static final Option<ByteSize> LOCAL_CACHE_BYTES =
            option(
                    "local-cache-bytes",
                    "10GiB",
                    "copies and pieces of objects kept on the local disk",
                    Values.size("0B"));
    private static final Option<ByteSize> LOCAL_CACHE_FILL_BYTES =
            option(
                    "local-cache-fill-bytes",
                    "64MiB",
                    "pieces written to the local disk in a second at most",
                    Values.size("16MiB"));
    private static final Option<ByteSize> DISK_RESERVE =
            option(
                    "disk-reserve",
                    "512MiB",
                    "refuse produce when less is free on the disk of the data",
                    Values.size("16MiB"));
    private static final Option<Duration> RETRY_WINDOW =
            option(
                    "retry-window",
                    "1h",
                    "how long an Idempotency-Key is remembered",
                    Values.duration(Duration.ofSeconds(1)));
    private static final Option<Duration> PRODUCER_EXPIRATION =
            option(
                    "producer-expiration",
                    "24h",
                    "how long a partition knows an idempotent producer that is silent",
                    Values.duration(Duration.ofSeconds(1)));
    private static final Option<Duration> ORPHAN_GRACE =
            option(
                    "orphan-grace",
                    "24h",
                    "age at which a scrub removes an object nothing refers to",
                    Values.duration(Duration.ZERO));
    private static final Option<Duration> SCRUB_INTERVAL =
            option(
                    "scrub-interval",
                    "6h",
                    "about how often the object store is scrubbed by itself; 0s for never",
                    Values.duration(Duration.ZERO));
    private static final Option<ByteSize> SCRUB_VERIFY_BYTES =
            option(
                    "scrub-verify-bytes",
                    "256MiB",
                    "content that each scrub compares with its checksums",
                    Values.size("0B"));
    private static final Option<Duration> METADATA_BACKUP_INTERVAL =
            option(
                    "metadata-backup-interval",
                    "30s",
                    "copy changed metadata to the object store at most this often",
                    Values.duration(Duration.ofMillis(100)));
    private static final Option<Integer> TIER_ZSTD_LEVEL =
            option(
                    "tier-zstd-level",
                    "1",
                    "how hard records are compressed for the object store, 1 to 22; 0 leaves them",
                    Values.number(0, 22));
    private static final Option<Integer> MERGE_OBJECTS =
            option(
                    "merge-objects",
                    "8",
                    "merge small objects when there are so many, at least 2; 0 never",
                    Values.either(0, Values.number(2, 64)));
    private static final Option<Duration> MERGE_AGE =
            option(
                    "merge-age",
                    "6h",
                    "merge fewer when they are so old",
                    Values.duration(Duration.ofSeconds(1)));
    private static final Option<Double> PRICE_PUT =
            option("price-put-per-1000", "0.005", "for 1,000 puts or lists", Values::price);
    private static final Option<Double> PRICE_GET =
            option("price-get-per-1000", "0.0004", "for 1,000 gets", Values::price);
    private static final Option<Double> PRICE_GB_MONTH =
            option("price-gb-month", "0.023", "for a GiB stored for a month", Values::price);
    private static final Option<Double> PRICE_EGRESS_GB =
            option(
                    "price-egress-gb",
                    "0",
                    "for a GiB read; 0 beside the bucket, 0.09 from AWS to elsewhere",
                    Values::price);
    private static final Option<Boolean> BENCH_CEILING =
            option(
                    "bench-ceiling",
                    "false",
                    "serve …/records:discard, which takes records and drops them",
                    Values::flag);

    private final Arguments arguments;

    static {
        ALL.addAll(KafkaOptions.ALL);
        ALL.addAll(QuotaOptions.ALL);
    }

    private Options(Arguments arguments) {
        this.arguments = arguments;
    }

    private static <T> Option<T> option(
            String name, String byDefault, String description, Function<String, T> parse) {
        Option<T> option = new Option<>(name, byDefault, description, parse);
        ALL.add(option);
        return option;
    }

    private static Function<String, Integer> count() {
        return Values.number(1, 10_000_000);
    }

    /**
     * The settings a start with these arguments has.
     *
     * @param properties system properties by name
     * @param environment environment variables by name
     * @throws OptionException an option is unknown, or its value cannot be
     */
    public static NodeSettings read(
            List<String> arguments,
            Function<String, Optional<String>> properties,
            Function<String, Optional<String>> environment) {
        return new Options(Arguments.read(COMMAND, ALL, arguments, properties, environment))
                .settings();
    }

    /**
     * The arguments as system properties.
     *
     * @throws OptionException an option is unknown
     */
    public static Map<String, String> asProperties(List<String> arguments) {
        Map<String, String> found = new HashMap<>();
        Arguments.parse(COMMAND, ALL, arguments)
                .options()
                .forEach((name, value) -> found.put("tributary." + name, value));
        return found;
    }

    private <T> T get(Option<T> option) {
        return arguments.get(option);
    }

    /**
     * Which of these environment variables look like options and are none.
     *
     * @param names of all variables
     */
    public static List<String> unknownVariables(Set<String> names) {
        return names.stream()
                .filter(name -> name.startsWith(Option.VARIABLES))
                .filter(name -> !name.equals(LAUNCHER_VARIABLE))
                .filter(name -> ALL.stream().noneMatch(option -> option.variable().equals(name)))
                .sorted()
                .toList();
    }

    /** The object store at this location, by the options that say how it is reached. */
    static NodeSettings.Objects objects(Arguments arguments, Optional<URI> location) {
        if (location.filter(uri -> "s3".equals(uri.getScheme())).isEmpty()) {
            for (Option<?> option : List.of(S3_ENDPOINT, S3_REGION, S3_PATH_STYLE)) {
                if (arguments.has(option)) {
                    throw new OptionException(
                            "Option --" + option.name() + " goes with s3://bucket/prefix.");
                }
            }
        }
        return new NodeSettings.Objects(
                location,
                arguments.get(S3_ENDPOINT),
                arguments.get(S3_REGION),
                arguments.get(S3_PATH_STYLE));
    }

    private NodeSettings settings() {
        Optional<Path> certificate = get(TLS_CERT);
        Optional<Path> key = get(TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            throw new OptionException("Options --tls-cert and --tls-key go together.");
        }
        return new NodeSettings(
                get(DATA),
                new NodeSettings.Listener(
                        get(HOST),
                        get(BIND_ADDRESS),
                        get(HTTPS_PORT),
                        certificate.map(c -> new NodeSettings.Certificate(c, key.orElseThrow()))),
                KafkaOptions.settings(arguments, get(BIND_ADDRESS)),
                objects(arguments, get(OBJECT_STORE)),
                new NodeSettings.SignUp(get(SIGN_UP), get(SIGN_UP_RATE)),
                new NodeSettings.Limits(
                        get(MAX_TENANTS),
                        QuotaOptions.plans(arguments),
                        get(MAX_PARTITIONS_PER_TOPIC),
                        get(MAX_RETRY_KEYS_PER_TENANT),
                        get(TOKEN_LIFETIME),
                        get(CONSUMER_INSTANCE_TIMEOUT)),
                new NodeSettings.Storage(
                        get(SHARDS),
                        get(FLUSH_BYTES),
                        get(FLUSH_AGE),
                        get(BACKLOG_BYTES),
                        get(LEDGER_BYTES),
                        get(TAIL_CACHE_BYTES),
                        get(CHUNK_CACHE_BYTES),
                        get(INDEX_CACHE_BYTES),
                        get(READ_AHEAD_BYTES),
                        get(LOCAL_CACHE_BYTES),
                        get(LOCAL_CACHE_FILL_BYTES),
                        get(DISK_RESERVE),
                        get(RETRY_WINDOW),
                        get(PRODUCER_EXPIRATION),
                        get(ORPHAN_GRACE),
                        get(SCRUB_INTERVAL),
                        get(SCRUB_VERIFY_BYTES),
                        get(METADATA_BACKUP_INTERVAL),
                        new NodeSettings.Tier(
                                get(TIER_ZSTD_LEVEL), get(MERGE_OBJECTS), get(MERGE_AGE))),
                new NodeSettings.Prices(
                        get(PRICE_PUT), get(PRICE_GET), get(PRICE_GB_MONTH), get(PRICE_EGRESS_GB)),
                get(BENCH_CEILING));
    }

    /** All options with their defaults, for people. */
    public static String help() {
        return Arguments.help(
                List.of(
                        "Starts the service with every role in one process.",
                        "Each option --some-name can be given as TRIBUTARY_SOME_NAME in the"
                                + " environment.",
                        ""),
                ALL);
    }
}
