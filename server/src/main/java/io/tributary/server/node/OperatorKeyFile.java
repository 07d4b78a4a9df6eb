package io.tributary.server.node;

import io.tributary.kernel.file.DurableFiles;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.tenant.access.OperatorKey;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's key as a file that only its owner can read, {@code id:secret}. The file is the
 * truth: the key in it is the only one of the operator, once {@link #ensure} has returned. Who
 * wants another deletes the file and starts the service again.
 */
public final class OperatorKeyFile {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorKeyFile.class);

    private OperatorKeyFile() {}

    /**
     * Makes the file where it is missing, then its key the operator's. The file comes first: a
     * crash in between leaves a key that nobody accepts until the next start, and no key that
     * nobody has.
     *
     * @throws IOException also when the file holds no key
     */
    public static void ensure(Path file, ApiKeys keys, Secrets secrets, InstantSource clock)
            throws IOException {
        if (!Files.exists(file)) {
            DurableFiles.write(file, OperatorKey.create(secrets).text() + "\n", "rw-------");
        }
        OperatorKey key =
                OperatorKey.parse(Files.readString(file).strip())
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                file
                                                        + " does not hold the operator's key as the"
                                                        + " service wrote it. Put it back, or"
                                                        + " delete the file to get a new key."));
        if (keys.find(key.id()).filter(key::is).isEmpty()) {
            keys.setOperator(key.stored(secrets.random(), clock.instant()));
            LOG.info("operator's key set key={}", key.id());
        }
    }
}
