package io.tributary.metadata.backup;

import com.github.luben.zstd.Zstd;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.Crc32c;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Writes a backup of the metadata; docs/formats/metadata-backup.md. Takes as much memory as a block
 * does. Not thread-safe; the stream is the caller's to close.
 */
public final class BackupWriter {
    static final int MAGIC = 0x54524d42;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 4 + 1 + 8 + 8 + 16 + 8 + 4;
    static final int REMOVED = 0;
    static final int RECORD = 1;

    /** A block is closed once it has this much. */
    private static final int BLOCK_BYTES = 1 << 20;

    private static final int LEVEL = 3;

    private final CRC32C crc = new CRC32C();
    private final OutputStream out;
    private BinaryWriter block = new BinaryWriter(BLOCK_BYTES);
    private int blocks;
    private long entries;

    /** Begins a backup. */
    public BackupWriter(OutputStream out, BackupName name, long writtenAtMillis)
            throws IOException {
        this.out = new CheckedOutputStream(out, crc);
        BinaryWriter header = new BinaryWriter(HEADER_BYTES);
        header.i32(MAGIC).u8(VERSION).i64(name.generation()).i64(name.sequence());
        header.uuid(name.life()).i64(writtenAtMillis);
        this.out.write(header.i32(header.crc32c(0, header.size())).toBytes());
    }

    /** Adds a record, or what it is now. */
    public void record(String path, byte[] value) throws IOException {
        block.u8(RECORD).string(path).i32(value.length).raw(value);
        closeIfFull();
    }

    /** Adds that there is no such record any more. */
    public void removed(String path) throws IOException {
        block.u8(REMOVED).string(path);
        closeIfFull();
    }

    private void closeIfFull() throws IOException {
        entries++;
        if (block.size() >= BLOCK_BYTES) {
            close();
        }
    }

    private void close() throws IOException {
        byte[] stored = Zstd.compress(block.toBytes(), LEVEL);
        BinaryWriter head = new BinaryWriter(12);
        head.i32(stored.length).i32(block.size()).i32(Crc32c.of(ByteBuffer.wrap(stored)));
        out.write(head.toBytes());
        out.write(stored);
        blocks++;
        block = new BinaryWriter(BLOCK_BYTES);
    }

    /** Writes the end; without it the backup counts as cut off. */
    public void finish() throws IOException {
        if (block.size() > 0) {
            close();
        }
        out.write(new BinaryWriter(16).i32(0).i32(blocks).i64(entries).toBytes());
        out.write(new BinaryWriter(4).i32((int) crc.getValue()).toBytes());
        out.flush();
    }
}
