package io.tributary.ingest.kafka.wire;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Readable;

/**
 * Reads a request's fields, so many and no more: the objects made of a frame are bounded also where
 * a large frame announces or holds a great many tiny elements. Generated readers check a count
 * against {@link #remaining}.
 */
final class BoundedReadable implements Readable {
    private final ByteBufferAccessor bytes;
    private int fieldsLeft;

    BoundedReadable(ByteBuffer bytes, int maxFields) {
        this.bytes = new ByteBufferAccessor(bytes);
        fieldsLeft = maxFields;
    }

    private ByteBufferAccessor field() {
        if (--fieldsLeft < 0) {
            throw new IllegalArgumentException("the request has too many fields");
        }
        return bytes;
    }

    @Override
    public byte readByte() {
        return field().readByte();
    }

    @Override
    public short readShort() {
        return field().readShort();
    }

    @Override
    public int readInt() {
        return field().readInt();
    }

    @Override
    public long readLong() {
        return field().readLong();
    }

    @Override
    public double readDouble() {
        return field().readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        return field().readArray(length);
    }

    @Override
    public int readUnsignedVarint() {
        return field().readUnsignedVarint();
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        return field().readByteBuffer(length);
    }

    @Override
    public int readVarint() {
        return field().readVarint();
    }

    @Override
    public long readVarlong() {
        return field().readVarlong();
    }

    @Override
    public int remaining() {
        return Math.min(bytes.remaining(), fieldsLeft);
    }

    @Override
    public Readable slice() {
        return new BoundedReadable(bytes.buffer().slice(), fieldsLeft);
    }
}
