package io.tributary.ingest.proxy;

import io.tributary.ingest.consumer.InstanceConfig;
import io.tributary.ingest.consumer.InstanceConfig.Reset;
import io.tributary.ingest.consumer.Refusals;
import io.tributary.ingest.json.Format;
import io.tributary.ingest.json.JsonFields;
import io.tributary.kernel.fault.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** The body that makes a consumer instance, in Confluent's and Strimzi's words. */
final class InstanceBody {
    /** The longest a poll waits. */
    static final Duration LONGEST_PATIENCE = Duration.ofSeconds(60);

    private static final int MOST_MIN_BYTES = 10_000_000;

    private Optional<String> name = Optional.empty();
    private boolean named;
    private Format format = Format.BINARY;
    private boolean autoCommit = true;
    private Reset reset = Reset.LATEST;
    private int minBytes = 1;
    private Duration patience = Duration.ofSeconds(1);
    private boolean readCommitted;

    /** Reads a whole body; an empty one asks for nothing special. */
    InstanceBody(byte[] body) {
        if (body.length > 0) {
            JsonFields.read(
                    body,
                    (value, field) -> {
                        if (!value.isNull()) {
                            field(value, field);
                        }
                    });
        }
    }

    private void field(JsonFields value, String field) throws IOException {
        switch (field) {
            // As with Confluent's, an id is a name that goes before it.
            case "id" -> {
                name = Optional.of(value.string(field));
                named = true;
            }
            case "name" -> {
                if (!named) {
                    name = Optional.of(value.string(field));
                }
            }
            case "format" -> format = format(value.string(field));
            case "auto.commit.enable", "enable.auto.commit" ->
                    autoCommit = flag(field, value.scalar(field));
            case "auto.offset.reset" -> reset = reset(value.string(field));
            case "fetch.min.bytes", "responseMinBytes" ->
                    minBytes =
                            (int) Math.max(1, number(field, value.scalar(field), MOST_MIN_BYTES));
            case "consumer.request.timeout.ms", "requestWaitMs" ->
                    patience =
                            Duration.ofMillis(
                                    number(
                                            field,
                                            value.scalar(field),
                                            LONGEST_PATIENCE.toMillis()));
            case "isolation.level" -> readCommitted = isolation(value.string(field));
            default -> throw JsonFields.unknown(field);
        }
    }

    Optional<String> name() {
        return name;
    }

    InstanceConfig config() {
        return new InstanceConfig(format, autoCommit, reset, minBytes, patience, readCommitted);
    }

    private static Format format(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "binary" -> Format.BINARY;
            case "json" -> Format.JSON;
            case "text" -> Format.STRING;
            case "avro", "jsonschema", "protobuf" ->
                    throw Problem.of(
                                    415,
                                    "Schemas are not available yet: format is binary, json or"
                                            + " text.")
                            .asException();
            default -> throw JsonFields.invalid("format is binary, json or text.");
        };
    }

    private static boolean flag(String field, String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Refusals.config(field + " is true or false.");
        };
    }

    private static Reset reset(String text) {
        return switch (text) {
            case "earliest" -> Reset.EARLIEST;
            case "latest" -> Reset.LATEST;
            case "none" -> Reset.NONE;
            default -> throw Refusals.config("auto.offset.reset is earliest, latest or none.");
        };
    }

    private static boolean isolation(String text) {
        return switch (text) {
            case "read_committed" -> true;
            case "read_uncommitted" -> false;
            default ->
                    throw Refusals.config("isolation.level is read_committed or read_uncommitted.");
        };
    }

    private static long number(String field, String text, long most) {
        long value;
        try {
            value = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Refusals.config(field + " is not a whole number.");
        }
        if (value < -1 || value > most) {
            throw Refusals.constraint(field + " is -1 to " + most + ".");
        }
        return value;
    }
}
