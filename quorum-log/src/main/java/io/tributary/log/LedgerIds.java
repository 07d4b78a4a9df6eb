package io.tributary.log;

import io.tributary.kernel.bytes.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives out ledger ids, rising, none twice, also after a crash and when ledgers were deleted. A
 * file holds the first id that was never given out and its checksum; it is written for many ids at
 * once. Where it is missing or damaged, ids go on behind the ledgers that are there: nothing refers
 * to one that is not.
 */
final class LedgerIds {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerIds.class);
    private static final int RESERVED_AT_ONCE = 64;

    private final Path file;
    private final LedgerFiles files;
    private long next;
    private long reserved;

    /**
     * Reads the file.
     *
     * @param afterPresent beyond the ids of all ledgers there are
     */
    LedgerIds(Path file, LedgerFiles files, long afterPresent) throws IOException {
        this.file = file;
        this.files = files;
        next = Math.max(afterPresent, read());
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
        if (!Files.exists(file)) {
            return 0;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        String digits = text.substring(0, Math.max(0, text.indexOf(' ')));
        if (digits.matches("[0-9]{1,18}") && text.equals(line(digits))) {
            return Long.parseLong(digits);
        }
        LOG.warn("damaged, ids go on behind the ledgers that are there file={}", file);
        return 0;
    }

    private static String line(String digits) {
        byte[] ascii = digits.getBytes(StandardCharsets.US_ASCII);
        return String.format(Locale.ROOT, "%s %08x\n", digits, Crc32c.of(ascii, 0, ascii.length));
    }

    private void write(long value) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        files.delete(draft);
        try (LedgerFiles.LedgerChannel channel = files.create(draft)) {
            byte[] line = line(Long.toString(value)).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(line), 0);
            channel.force();
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        files.syncDirectory(file.toAbsolutePath().getParent());
    }
}
