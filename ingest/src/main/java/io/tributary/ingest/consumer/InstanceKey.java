package io.tributary.ingest.consumer;

import io.tributary.ingest.json.JsonFields;
import io.tributary.kernel.id.TenantId;
import java.util.regex.Pattern;

/** Names a consumer instance: its tenant's, its group's, its own. */
public record InstanceKey(TenantId tenant, String group, String name) {
    /** The longest name of a group or an instance over HTTP. */
    public static final int MAX_NAME_LENGTH = 249;

    /** What a path can hold as it is. */
    private static final Pattern LEGAL =
            Pattern.compile("[A-Za-z0-9._:~-]{1," + MAX_NAME_LENGTH + "}");

    /** Refuses names that no path can hold. */
    static void check(String what, String name) {
        if (!LEGAL.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw JsonFields.invalid(
                    what
                            + " takes 1 to "
                            + MAX_NAME_LENGTH
                            + " characters of a-z, A-Z, 0-9, '.', '_', ':', '~' and '-'.");
        }
    }
}
