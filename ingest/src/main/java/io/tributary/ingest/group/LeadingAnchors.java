package io.tributary.ingest.group;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What says in a regular expression that a name begins here. Put behind a tenant's prefix such an
 * anchor never holds, so those before which nothing of the name can be are made optional: they hold
 * there anyway. Any other holds nowhere in the tenant's own expression either, unless all before it
 * may be empty, which is not looked for: {@code x*^y} finds nothing.
 */
final class LeadingAnchors {
    private static final String LINE = "^";
    private static final String TEXT = "\\A";
    private static final String OPTIONAL_LINE = "(?:^|(?:))";
    private static final String OPTIONAL_TEXT = "(?:\\A|(?:))";

    private final String regex;
    private final StringBuilder written = new StringBuilder();
    private final Deque<Group> open = new ArrayDeque<>();
    private int at;

    /** Whether nothing of the name can be before here. */
    private boolean leading = true;

    /** An open group: what held where it began, and whether one of its branches is of the name. */
    private static final class Group {
        private final boolean leading;
        private boolean consumes;

        Group(boolean leading) {
            this.leading = leading;
        }
    }

    private LeadingAnchors(String regex) {
        this.regex = regex;
    }

    /** The expression with such anchors optional; it must be one that compiles. */
    static String optional(String regex) {
        return new LeadingAnchors(regex).rewritten();
    }

    /** The expression as it was before. */
    static String restored(String optional) {
        return optional.replace(OPTIONAL_LINE, LINE).replace(OPTIONAL_TEXT, TEXT);
    }

    private String rewritten() {
        open.push(new Group(true));
        while (at < regex.length()) {
            next();
        }
        return written.toString();
    }

    private void next() {
        switch (regex.charAt(at)) {
            case '\\' -> escape();
            case '[' -> {
                copyTo(endOfClass());
                leading = false;
            }
            case '(' -> begin();
            case '|' -> {
                endOfBranch();
                copyTo(at + 1);
            }
            case ')' -> {
                endOfBranch();
                Group ended = open.pop();
                leading = ended.leading && !ended.consumes;
                copyTo(at + 1);
            }
            case '^' -> anchor(LINE, OPTIONAL_LINE);
            case '$', '*', '+', '?' -> copyTo(at + 1);
            default -> {
                copyTo(at + 1);
                leading = false;
            }
        }
    }

    private void copyTo(int end) {
        int bounded = Math.min(end, regex.length());
        written.append(regex, at, bounded);
        at = bounded;
    }

    private void anchor(String anchor, String optional) {
        written.append(leading ? optional : anchor);
        at += anchor.length();
    }

    private void endOfBranch() {
        Group group = open.element();
        group.consumes |= !leading;
        leading = group.leading;
    }

    private void escape() {
        if (regex.startsWith(TEXT, at)) {
            anchor(TEXT, OPTIONAL_TEXT);
        } else if (regex.startsWith("\\Q", at)) {
            int end = regex.indexOf("\\E", at + 2);
            copyTo(end < 0 ? regex.length() : end + 2);
            leading = false;
        } else {
            boolean ofNoLength =
                    at + 1 < regex.length() && "bBz".indexOf(regex.charAt(at + 1)) >= 0;
            copyTo(at + 2);
            leading &= ofNoLength;
        }
    }

    /** A group, or flags that hold up to the end of the one they are in. */
    private void begin() {
        if (!regex.startsWith("(?", at)) {
            open.push(new Group(leading));
            copyTo(at + 1);
            return;
        }
        int end = at + 2;
        while (end < regex.length() && ":>)".indexOf(regex.charAt(end)) < 0) {
            end++;
        }
        if (end < regex.length() && regex.charAt(end) != ')') {
            open.push(new Group(leading));
        }
        copyTo(end + 1);
    }

    /** Behind a class of characters, in which a bracket that comes first is one of them. */
    private int endOfClass() {
        int end = at + 1;
        if (regex.startsWith("^", end)) {
            end++;
        }
        if (regex.startsWith("]", end)) {
            end++;
        }
        while (end < regex.length() && regex.charAt(end) != ']') {
            int named = regex.startsWith("[:", end) ? regex.indexOf(":]", end) : -1;
            if (named >= 0) {
                end = named + 2;
            } else {
                end += regex.charAt(end) == '\\' ? 2 : 1;
            }
        }
        return end + 1;
    }
}
