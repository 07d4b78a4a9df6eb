package io.tributary.testkit.fire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk really forgets: without that, surviving it means nothing. */
class LossyDiskTest {
    @TempDir Path folder;
    private LossyDisk disk;

    @BeforeEach
    void mount() throws IOException {
        disk = LossyDisk.mountOrSkip(folder, 1);
    }

    @AfterEach
    void unmount() throws IOException {
        if (disk != null) {
            disk.close();
        }
    }

    private Path file(String name) {
        return disk.path().resolve(name);
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    @Test
    void powerCutTakesExactlyWhatWasNotSynced() throws IOException {
        Files.writeString(file("log"), "synced");
        sync(file("log"));
        append(file("log"), ", lost");
        try (FileChannel channel = FileChannel.open(file("log"), StandardOpenOption.WRITE)) {
            channel.write(
                    ByteBuffer.wrap("LOST".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            channel.truncate(3);
        }
        Files.writeString(file("never-synced"), "lost");
        Files.createDirectories(file("folder"));
        disk.lose();
        assertEquals("synced", Files.readString(file("log")));
        assertTrue(Files.notExists(file("never-synced")));
        assertTrue(Files.notExists(file("folder")));
    }

    @Test
    void namesAreDurableWithTheirFolder() throws IOException {
        Files.writeString(file("name"), "old");
        sync(file("name"));
        Files.writeString(file("draft"), "new");
        sync(file("draft"));
        Files.move(file("draft"), file("name"), StandardCopyOption.ATOMIC_MOVE);
        disk.lose();
        assertEquals("old", Files.readString(file("name")));
        assertEquals("new", Files.readString(file("draft")));
        Files.move(file("draft"), file("name"), StandardCopyOption.ATOMIC_MOVE);
        sync(disk.path());
        Files.delete(file("name"));
        disk.lose();
        assertEquals("new", Files.readString(file("name")));
        assertTrue(Files.notExists(file("draft")));
    }

    @Test
    void tornWriteIsAPrefix() throws IOException {
        Files.writeString(file("log"), "synced ");
        sync(file("log"));
        for (int i = 0; i < 20; i++) {
            append(file("log"), "0123456789");
            disk.tear();
            String left = Files.readString(file("log"));
            assertTrue("synced 0123456789".startsWith(left) && left.length() < 17, left);
            assertTrue(left.startsWith("synced "), left);
            Files.writeString(file("log"), "synced ");
            sync(file("log"));
        }
    }

    @Test
    void failedSyncFailsOnceAndTakesTheWrites() throws IOException {
        Files.writeString(file("log"), "synced");
        sync(file("log"));
        append(file("log"), ", lost");
        disk.failNextSync("log");
        assertThrows(IOException.class, () -> sync(file("log")));
        assertTrue(disk.syncHasFailed());
        sync(file("log"));
        assertEquals("synced", Files.readString(file("log")));
    }

    @Test
    void flippedBitIsThereUntilFlippedBack() throws IOException {
        Files.writeString(file("log"), "abc");
        disk.flip(file("log"), 1);
        assertArrayEquals(new byte[] {'a', 'c', 'c'}, Files.readAllBytes(file("log")));
        disk.flip(file("log"), 1);
        assertEquals("abc", Files.readString(file("log")));
    }
}
