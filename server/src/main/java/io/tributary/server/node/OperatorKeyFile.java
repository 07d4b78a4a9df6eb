package io.tributary.server.node;

import io.tributary.kernel.file.DurableFiles;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.tenant.access.NewKey;
import io.tributary.tenant.access.OperatorKey;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** The operator's key as a file that only its owner can read, {@code id:secret}. */
final class OperatorKeyFile {
    private OperatorKeyFile() {}

    /** Makes key and file where the file is missing. */
    static void ensure(Path file, ApiKeys keys, Secrets secrets, InstantSource clock)
            throws IOException {
        if (Files.exists(file)) {
            return;
        }
        NewKey made = OperatorKey.create(secrets, clock.instant());
        keys.add(made.key());
        DurableFiles.write(file, made.key().id() + ":" + made.secret() + "\n", "rw-------");
    }
}
