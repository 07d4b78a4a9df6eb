package io.tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Gives out ledger ids, rising, none twice, also after a crash and when ledgers were deleted. A
 * file holds the first id that was never given out; it is written for many ids at once.
 */
final class LedgerIds {
    private static final int RESERVED_AT_ONCE = 64;

    private final Path file;
    private final LedgerFiles files;
    private long next;
    private long reserved;

    LedgerIds(Path file, LedgerFiles files) throws IOException {
        this.file = file;
        this.files = files;
        next = Files.exists(file) ? read() : 0;
        reserved = next;
    }

    long next() throws IOException {
        if (next == reserved) {
            write(reserved + RESERVED_AT_ONCE);
            reserved += RESERVED_AT_ONCE;
        }
        return next++;
    }

    private long read() throws IOException {
        String text = Files.readString(file).strip();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw FileLedger.damaged(file, 0, "not a number");
        }
    }

    private void write(long value) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        try (LedgerFiles.LedgerChannel channel = files.create(draft)) {
            channel.write(ByteBuffer.wrap((value + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            channel.force();
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        files.syncDirectory(file.toAbsolutePath().getParent());
    }
}
