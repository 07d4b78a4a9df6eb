package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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

    @Test
    void folderThatIsNotThereHoldsNoProofThatAnObjectIsGone() throws Exception {
        try (ObjectStore store = store()) {
            store.put("a", ByteBuffer.wrap(new byte[3]));
            Path moved = root.resolveSibling(root.getFileName() + "-moved");
            Files.move(root, moved);
            for (Executable call :
                    List.<Executable>of(
                            () -> store.get("a", 0, 1),
                            () -> store.list("", Optional.empty(), 10),
                            () -> store.delete(List.of("a")),
                            () -> store.put("b", ByteBuffer.allocate(1)),
                            store::check)) {
                assertEquals(
                        ObjectStoreException.Kind.UNAVAILABLE,
                        assertThrows(ObjectStoreException.class, call).kind());
            }
            Files.move(moved, root);
            assertEquals(3, store.list("", Optional.empty(), 10).getFirst().sizeBytes());
        }
    }
}
