package io.tributary.ingest.group;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.apache.kafka.common.errors.InvalidRegularExpression;

/**
 * A regular expression over a tenant's topics among those of all tenants. The tenant's own is
 * compiled alone before it is put in its place, so it cannot end the place it is put in.
 */
final class ScopedRegex {
    /** Much more than anybody writes. */
    private static final int MAX_LENGTH = 1_000;

    private static final String OPEN = "(?:";
    private static final String CLOSE = ")";

    private ScopedRegex() {}

    /**
     * An expression that finds the tenant's topics only.
     *
     * @throws InvalidRegularExpression it is none by itself
     */
    static String in(Scope scope, String regex) {
        if (regex.length() > MAX_LENGTH) {
            throw new InvalidRegularExpression(
                    "SubscribedTopicRegex has more than " + MAX_LENGTH + " characters.");
        }
        String scoped;
        try {
            Pattern _ = Pattern.compile(regex);
            String inner = LeadingAnchors.optional(regex);
            Pattern _ = Pattern.compile(inner);
            scoped = scope.prefix() + OPEN + inner + CLOSE;
            Pattern _ = Pattern.compile(scoped);
        } catch (PatternSyntaxException e) {
            throw new InvalidRegularExpression(
                    "SubscribedTopicRegex `"
                            + regex
                            + "` is not a valid regular expression: "
                            + e.getDescription()
                            + ".");
        }
        return scoped;
    }

    /** The tenant's own expression again. */
    static String out(Scope scope, String scoped) {
        String inner = scope.out(scoped);
        if (!inner.startsWith(OPEN) || !inner.endsWith(CLOSE)) {
            throw new IllegalStateException("not an expression in a tenant's scope");
        }
        return LeadingAnchors.restored(
                inner.substring(OPEN.length(), inner.length() - CLOSE.length()));
    }
}
