package io.tributary.testkit.peer;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** Programs of the system that tests call: without them tests are skipped, but never in CI. */
final class Needed {
    private Needed() {}

    /** Skips, and says so, unless there is a program of this name. */
    static void program(String name, String install) {
        boolean there =
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        if (!there) {
            missing(name + " is not there; " + install);
        }
    }

    /** Skips and says why; where the environment has CI=true it fails. */
    static void missing(String reason) {
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(reason);
        }
        System.err.println("SKIPPED: foreign clients, " + reason + ".");
        Assumptions.abort(reason);
    }
}
