package io.tributary.metadata.backup;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/** Reads what {@link BackupWriter} wrote. */
public final class BackupReader {
    /** Bounds a block, stored or not: one record more than a full one. */
    private static final int MAX_BLOCK_BYTES = 16 << 20;

    private BackupReader() {}

    /**
     * A whole backup.
     *
     * @param records values by path
     */
    public record Backup(
            BackupName name, Instant writtenAt, NavigableMap<String, byte[]> records) {}

    /**
     * Reads a backup to its end; blocks on the stream.
     *
     * @throws MalformedBytesException it is damaged, cut off, or of another version
     */
    public static Backup read(InputStream from) throws IOException {
        CRC32C crc = new CRC32C();
        DataInputStream in = new DataInputStream(new CheckedInputStream(from, crc));
        try {
            ByteBuffer head = ByteBuffer.wrap(in.readNBytes(BackupWriter.HEADER_BYTES));
            BinaryReader header = new BinaryReader(head);
            checkHeader(head, header);
            BackupName name = new BackupName(header.i64(), header.i64(), header.uuid());
            Instant writtenAt = Instant.ofEpochMilli(header.i64());
            NavigableMap<String, byte[]> records = new TreeMap<>();
            int blocks = 0;
            long entries = 0;
            for (int stored = in.readInt(); stored != 0; stored = in.readInt()) {
                entries += readBlock(in, stored, records);
                blocks++;
            }
            if (in.readInt() != blocks || in.readLong() != entries) {
                throw new MalformedBytesException("the backup is not complete");
            }
            int expected = (int) crc.getValue();
            if (in.readInt() != expected) {
                throw new MalformedBytesException("the backup does not match its checksum");
            }
            return new Backup(name, writtenAt, records);
        } catch (EOFException e) {
            throw new MalformedBytesException("the backup is cut off");
        }
    }

    private static void checkHeader(ByteBuffer head, BinaryReader header) {
        if (head.remaining() < BackupWriter.HEADER_BYTES || header.i32() != BackupWriter.MAGIC) {
            throw new MalformedBytesException("not a backup of the metadata");
        }
        int version = header.u8();
        if (version != BackupWriter.VERSION) {
            throw new MalformedBytesException(
                    "backup version " + version + ", this release reads " + BackupWriter.VERSION);
        }
        int crcAt = BackupWriter.HEADER_BYTES - 4;
        if (Crc32c.of(head.slice(0, crcAt)) != head.getInt(crcAt)) {
            throw new MalformedBytesException("the backup's header is damaged");
        }
    }

    private static long readBlock(
            DataInputStream in, int stored, NavigableMap<String, byte[]> records)
            throws IOException {
        int raw = in.readInt();
        int crc = in.readInt();
        if (stored < 0 || stored > MAX_BLOCK_BYTES || raw < 0 || raw > MAX_BLOCK_BYTES) {
            throw new MalformedBytesException("a block of " + stored + " bytes cannot be");
        }
        byte[] bytes = in.readNBytes(stored);
        if (bytes.length < stored || Crc32c.of(bytes, 0, stored) != crc) {
            throw new MalformedBytesException("a block is damaged");
        }
        byte[] content;
        try {
            content = Zstd.decompress(bytes, raw);
        } catch (ZstdException e) {
            throw new MalformedBytesException("a block cannot be unpacked: " + e.getMessage());
        }
        BinaryReader block = new BinaryReader(ByteBuffer.wrap(content));
        long entries = 0;
        while (block.remaining() > 0) {
            int kind = block.u8();
            String path = block.string();
            switch (kind) {
                case BackupWriter.RECORD -> records.put(path, block.raw(block.i32()));
                case BackupWriter.REMOVED -> records.remove(path);
                default -> throw new MalformedBytesException("unknown kind of entry " + kind);
            }
            entries++;
        }
        return entries;
    }
}
