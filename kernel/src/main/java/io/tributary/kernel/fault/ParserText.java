package io.tributary.kernel.fault;

import java.util.regex.Pattern;

/** What a JSON parser says of a fault, without what only its developers understand. */
public final class ParserText {
    /** Such as {@code (start marker at [Source: REDACTED (…); line: 1, column: 1])}. */
    private static final Pattern SOURCE = Pattern.compile(" \\([^()]*\\[Source: .*?\\]\\)");

    /** Such as {@code , from `StreamReadConstraints.getMaxNestingDepth()`}. */
    private static final Pattern CONSTRAINT = Pattern.compile(", from `[^`]*`");

    private ParserText() {}

    /** The parser's message for clients. */
    public static String plain(String message) {
        return CONSTRAINT.matcher(SOURCE.matcher(message).replaceAll("")).replaceAll("");
    }
}
