package io.tributary.ingest.proxy;

import io.tributary.ingest.json.Format;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Optional;

/** The media types of REST Proxy v2: what a body is in, and what an answer may be in. */
final class MediaTypes {
    static final String JSON = "application/json";
    static final String V2 = "application/vnd.kafka.v2+json";

    private static final String PREFIX = "application/vnd.kafka.";
    private static final String SUFFIX = ".v2+json";
    private static final int FORMAT_MISMATCH = 40601;

    private MediaTypes() {}

    /** The format of a body's records; binary where the type names none, as Confluent's. */
    static Format produced(RoutingContext request) {
        String type = contentType(request);
        return switch (type) {
            case "", JSON, V2 -> type.equals(JSON) ? Format.JSON : Format.BINARY;
            case PREFIX + "binary" + SUFFIX -> Format.BINARY;
            case PREFIX + "json" + SUFFIX -> Format.JSON;
            case PREFIX + "text" + SUFFIX -> Format.STRING;
            case PREFIX + "avro" + SUFFIX,
                    PREFIX + "jsonschema" + SUFFIX,
                    PREFIX + "protobuf" + SUFFIX ->
                    throw unsupported("Schemas are not available yet: use binary, json or text.");
            default ->
                    throw unsupported(
                            "Content-Type must be application/vnd.kafka.{binary|json|text}.v2+json"
                                    + " or application/json.");
        };
    }

    /** Refuses a body that is not JSON by its type. */
    static void checkJson(RoutingContext request) {
        String type = contentType(request);
        if (!type.isEmpty()
                && !type.equals(JSON)
                && !(type.startsWith("application/vnd.kafka.") && type.endsWith("v2+json"))) {
            throw unsupported(
                    "Content-Type must be application/vnd.kafka.v2+json or application/json.");
        }
    }

    /** The type of an answer that holds no records. */
    static String answer(RoutingContext request) {
        String accept = accept(request);
        if (accept.isEmpty() || accept.contains("vnd.kafka") || accept.contains("*/*")) {
            return V2;
        }
        if (accept.contains("application/*")
                || accept.contains(JSON)
                || accept.contains("application/problem+json")) {
            return JSON;
        }
        throw notAcceptable("Accept must be application/vnd.kafka.v2+json or application/json.");
    }

    /** The type of an answer with records in this format. */
    static String answer(RoutingContext request, Format format) {
        String accept = accept(request);
        String own = PREFIX + name(format) + SUFFIX;
        if (accept.isEmpty() || accept.contains(own) || accept.contains("*/*")) {
            return own;
        }
        if (accept.contains(V2)) {
            return V2;
        }
        if (accept.contains(JSON)
                || accept.contains("application/*")
                || accept.contains("application/problem+json")) {
            return JSON;
        }
        throw accept.contains(PREFIX)
                ? notAcceptable(
                        "The requested embedded data format does not match the deserializer for"
                                + " this consumer instance, which is "
                                + name(format)
                                + ".")
                : notAcceptable("Accept must be " + own + " or application/json.");
    }

    /** The name of a format in media types and consumers' configs. */
    static String name(Format format) {
        return switch (format) {
            case BINARY -> "binary";
            case JSON -> "json";
            case STRING -> "text";
        };
    }

    private static String contentType(RoutingContext request) {
        String type = Optional.ofNullable(request.request().getHeader("Content-Type")).orElse("");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private static String accept(RoutingContext request) {
        return String.join(",", request.request().headers().getAll("Accept"))
                .toLowerCase(Locale.ROOT);
    }

    private static ProblemException unsupported(String message) {
        return Problem.of(415, message).asException();
    }

    private static ProblemException notAcceptable(String message) {
        return Problem.of(406, FORMAT_MISMATCH, message).asException();
    }
}
