package io.tributary.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
    @TempDir Path folder;

    @Test
    void fileTakesThePlaceOfAnotherWithItsOwnPermissions() throws Exception {
        Path file = folder.resolve("secret");
        Files.writeString(file, "before, and for all to see");
        Files.writeString(folder.resolve("secret.new"), "left by a crash");
        DurableFiles.write(file, "after", "rw-------");
        assertEquals("after", Files.readString(file));
        assertEquals(
                PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(List.of(file), all.toList());
        }
    }

    @Test
    void whatIsNotThereCannotBeSynced() {
        assertThrows(NoSuchFileException.class, () -> DurableFiles.sync(folder.resolve("nothing")));
    }
}
