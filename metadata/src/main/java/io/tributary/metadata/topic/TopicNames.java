package io.tributary.metadata.topic;

import io.tributary.kernel.fault.Problem;
import java.util.regex.Pattern;

/** Which names topics may have: Kafka's rule, and none of the service's own. */
public final class TopicNames {
    public static final int MAX_LENGTH = 249;

    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1," + MAX_LENGTH + "}");
    private static final int SHOWN = 64;

    private TopicNames() {}

    /** Whether a topic can have this name. */
    public static boolean legal(String name) {
        return LEGAL.matcher(name).matches()
                && !name.equals(".")
                && !name.equals("..")
                && !name.startsWith("__");
    }

    /**
     * Refuses a name no topic can have.
     *
     * @throws io.tributary.kernel.fault.ProblemException 400, error code 40002
     */
    public static void check(String name) {
        if (!legal(name)) {
            throw Problem.of(
                            400,
                            40002,
                            "Topic name '"
                                    + shown(name)
                                    + "' is illegal: 1 to "
                                    + MAX_LENGTH
                                    + " characters of a-z, A-Z, 0-9, '.', '_' and '-', not '.' or"
                                    + " '..', not beginning with '__'.")
                    .asException();
        }
    }

    private static String shown(String name) {
        String safe = name.replaceAll("[^\\x20-\\x7e]", "?");
        return safe.length() <= SHOWN ? safe : safe.substring(0, SHOWN) + "…";
    }
}
