package io.tributary.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.tenant.access.OperatorKey;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorKeyFileTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final MemoryRecords records = new MemoryRecords();
    private final Secrets secrets =
            new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(1));
    private Directory directory;
    private Path file;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        directory = new Directory(records, Runnable::run);
        file = folder.resolve("operator.key");
    }

    /** Starts the node, as far as the operator's key goes. */
    private OperatorKey ensured() throws IOException {
        OperatorKeyFile.ensure(file, directory.apiKeys(), secrets, () -> NOW);
        return OperatorKey.parse(Files.readString(file).strip()).orElseThrow();
    }

    private static String path(OperatorKey key) {
        return "/keys/" + key.id().substring(0, 2) + "/" + key.id();
    }

    private List<String> inFolders(String root) {
        return records.children(root).stream()
                .flatMap(folder -> records.children(root + "/" + folder).stream())
                .toList();
    }

    private void assertOnlyValid(OperatorKey key) throws IOException {
        assertEquals(List.of(key.id()), inFolders("/keys"));
        ApiKey stored = directory.apiKeys().find(key.id()).orElseThrow();
        assertEquals(Role.OPERATOR, stored.role());
        assertTrue(stored.secretHash().matches(key.secret()));
    }

    @Test
    void keyStaysTheSameOverStarts() throws Exception {
        OperatorKey key = ensured();
        assertOnlyValid(key);
        assertEquals(
                PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));
        int version = records.read(path(key)).orElseThrow().version();
        assertEquals(key, ensured());
        assertEquals(version, records.read(path(key)).orElseThrow().version());
    }

    @Test
    void deletedFileMakesANewKeyAndEndsTheOldOne() throws Exception {
        OperatorKey old = ensured();
        directory.apiKeys().used(old.id(), NOW);
        Files.delete(file);
        OperatorKey made = ensured();
        assertNotEquals(old.id(), made.id());
        assertOnlyValid(made);
        assertEquals(Optional.empty(), directory.apiKeys().find(old.id()));
        assertEquals(List.of(), inFolders("/key-usage"));
    }

    @Test
    void crashAfterTheFileWasWrittenLeavesNoKeyThatNobodyKnows() throws Exception {
        OperatorKey old = ensured();
        // Given a new file whose key did not get into the metadata
        OperatorKey made = OperatorKey.create(secrets);
        Files.writeString(file, made.text() + "\n");
        assertOnlyValid(old);
        // When the node starts again, then the file counts
        assertEquals(made, ensured());
        assertOnlyValid(made);
    }

    @Test
    void secretChangedInTheFileCountsUnderTheSameId() throws Exception {
        OperatorKey old = ensured();
        OperatorKey changed = new OperatorKey(old.id(), secrets.newSecret());
        Files.writeString(file, changed.text());
        ensured();
        assertOnlyValid(changed);
    }

    @Test
    void fileWithoutAKeyIsRefusedByName() throws Exception {
        OperatorKey key = ensured();
        for (String text : List.of("", key.id(), key.id() + ":weak", "operator:" + key.secret())) {
            Files.writeString(file, text);
            IOException refused = assertThrows(IOException.class, this::ensured);
            assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
        }
        assertOnlyValid(key);
    }
}
