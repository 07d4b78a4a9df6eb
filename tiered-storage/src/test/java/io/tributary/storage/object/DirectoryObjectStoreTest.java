package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryObjectStoreTest extends ObjectStoreContract {
    @TempDir Path root;

    @Override
    ObjectStore store() throws IOException {
        return new DirectoryObjectStore(root);
    }

    @Test
    void halfWrittenUploadsAreRemovedAtTheNextStart() throws Exception {
        store().close();
        Path left = Files.writeString(root.resolve(".uploads/7"), "half");
        try (ObjectStore store = store()) {
            assertEquals(List.of(), store.list("", Optional.empty(), 10));
            assertEquals(false, Files.exists(left));
        }
    }
}
