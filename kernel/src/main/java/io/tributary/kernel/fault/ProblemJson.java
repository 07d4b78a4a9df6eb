package io.tributary.kernel.fault;

import java.util.Locale;

/**
 * A {@link Problem} as the two JSON bodies clients may have it in: Confluent's {@code
 * {"error_code":…,"message":…}}, or RFC 9457 {@code application/problem+json} where Accept asks for
 * it. Both hold error_code and message.
 */
public final class ProblemJson {
    public static final String JSON = "application/json";
    public static final String PROBLEM_JSON = "application/problem+json";

    private ProblemJson() {}

    /** Whether the Accept header (null for none) names problem+json. */
    public static boolean wanted(String accept) {
        return accept != null && accept.toLowerCase(Locale.ROOT).contains(PROBLEM_JSON);
    }

    /** The body as JSON text: of problem+json where {@code rfc9457}, else Confluent's. */
    public static String body(Problem problem, boolean rfc9457) {
        StringBuilder json = new StringBuilder(128).append('{');
        if (rfc9457) {
            json.append("\"type\":\"about:blank\",\"title\":");
            quote(json, title(problem.status()));
            json.append(",\"status\":").append(problem.status()).append(",\"detail\":");
            quote(json, problem.message());
            json.append(',');
        }
        json.append("\"error_code\":").append(problem.errorCode()).append(",\"message\":");
        quote(json, problem.message());
        return json.append('}').toString();
    }

    /** Appends a JSON string literal, quotes included. */
    public static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20 || (Character.isSurrogate(c) && !paired(text, i))) {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    private static String title(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 406 -> "Not Acceptable";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 413 -> "Content Too Large";
            case 415 -> "Unsupported Media Type";
            case 422 -> "Unprocessable Content";
            case 429 -> "Too Many Requests";
            case 503 -> "Service Unavailable";
            default -> status < 500 ? "Client Error" : "Server Error";
        };
    }
}
