package io.tributary.server.option;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a node is restored from, and into what.
 *
 * @param ledgers folder with copies of the dead node's ledgers
 * @param offsetGap how many offsets each partition leaves out after its last known record
 */
public record RestoreSettings(
        NodeSettings.Objects objects,
        Path data,
        Optional<Path> ledgers,
        boolean dryRun,
        long offsetGap) {
    private static final Arguments.Command COMMAND = new Arguments.Command("restore", 0);
    private static final long LARGEST_GAP = 1_000_000_000_000L;

    private static final Option<Optional<Path>> LEDGERS =
            new Option<>(
                    "ledgers",
                    "",
                    "copies of the dead node's DATA/ledgers, as far as they survived",
                    Values.optional(Values::path));
    private static final Option<Boolean> DRY_RUN =
            new Option<>(
                    "dry-run", "false", "say what would come back, change nothing", Values::flag);
    private static final Option<Long> OFFSET_GAP =
            new Option<>(
                    "offset-gap",
                    "1000000000",
                    "offsets left out where records may be lost; 0 when surely none are",
                    Values.wholeNumber(0, LARGEST_GAP));
    private static final List<Option<?>> ALL =
            List.of(
                    Options.OBJECT_STORE,
                    Options.S3_ENDPOINT,
                    Options.S3_REGION,
                    Options.S3_PATH_STYLE,
                    Options.DATA,
                    LEDGERS,
                    DRY_RUN,
                    OFFSET_GAP);

    /**
     * The settings these arguments make.
     *
     * @throws OptionException an option is unknown or missing, or its value cannot be
     */
    public static RestoreSettings read(
            List<String> arguments,
            Function<String, Optional<String>> properties,
            Function<String, Optional<String>> environment) {
        Arguments given = Arguments.read(COMMAND, ALL, arguments, properties, environment);
        Optional<URI> location = given.get(Options.OBJECT_STORE);
        if (location.isEmpty()) {
            throw new OptionException(
                    "Option --object-store is needed: where the records are to be restored from.");
        }
        return new RestoreSettings(
                Options.objects(given, location),
                given.get(Options.DATA),
                given.get(LEDGERS),
                given.get(DRY_RUN),
                given.get(OFFSET_GAP));
    }

    /** All options with their defaults, for people. */
    public static String help() {
        return Arguments.help(
                List.of(
                        "Makes a node's data folder anew from its object store. The old node must"
                                + " be gone.",
                        ""),
                ALL);
    }
}
