package io.tributary.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The cache of loaded classes that {@code ./tributary up} starts with, too; made once for a build,
 * since it saves every start some seconds.
 */
final class StartCache {
    private static final List<String> OPTIONS = options();

    private StartCache() {}

    /** JVM options that use it; none where it cannot be made. */
    static List<String> jvmOptions() {
        return OPTIONS;
    }

    private static List<String> options() {
        try {
            Process train =
                    new ProcessBuilder(Service.home().resolve("tributary").toString(), "train")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            Path cache = Service.home().resolve("server/target/classes.aot");
            return train.waitFor() == 0 && Files.exists(cache) && Files.size(cache) > 0
                    ? List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off,cds=off")
                    : List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
