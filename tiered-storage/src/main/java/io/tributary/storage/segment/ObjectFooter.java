package io.tributary.storage.segment;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of an object: the table of its segments, and where that begins, so that an object
 * describes itself; docs/formats/object.md.
 */
public final class ObjectFooter {
    /** Bytes at the very end that say where the table lies. */
    public static final int TAIL_BYTES = 8 + 4 + 4 + 4;

    private static final int MAGIC = 0x5452424f;

    private ObjectFooter() {}

    static ByteBuffer write(long tablePosition, List<SegmentInfo> segments) {
        BinaryWriter out = new BinaryWriter(segments.size() * SegmentInfo.MIN_BYTES + TAIL_BYTES);
        segments.forEach(segment -> segment.write(out));
        out.i64(tablePosition).i32(segments.size());
        out.i32(out.crc32c(0, out.size()));
        return out.i32(MAGIC).toBuffer();
    }

    /** Where the table begins, by the object's last {@link #TAIL_BYTES} bytes. */
    public static long tablePosition(ByteBuffer tail) {
        if (tail.remaining() != TAIL_BYTES
                || tail.getInt(tail.position() + TAIL_BYTES - 4) != MAGIC) {
            throw new MalformedBytesException("not the end of an object");
        }
        return tail.getLong(tail.position());
    }

    /** The segments, from the object's bytes from the table to its end. */
    public static List<SegmentInfo> read(ByteBuffer tableAndTail) {
        int length = tableAndTail.remaining();
        int crcAt = tableAndTail.position() + length - 8;
        if (length < TAIL_BYTES
                || Crc32c.of(tableAndTail.slice(tableAndTail.position(), length - 8))
                        != tableAndTail.getInt(crcAt)) {
            throw new MalformedBytesException("the table of segments does not match its checksum");
        }
        int count = tableAndTail.getInt(crcAt - 4);
        BinaryReader in =
                new BinaryReader(tableAndTail.slice(tableAndTail.position(), length - TAIL_BYTES));
        if (in.remaining() != (long) count * SegmentInfo.MIN_BYTES) {
            throw new MalformedBytesException("the table of segments has another length");
        }
        List<SegmentInfo> segments = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            segments.add(SegmentInfo.read(in));
        }
        return segments;
    }
}
