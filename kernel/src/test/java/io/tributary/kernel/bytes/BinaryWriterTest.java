package io.tributary.kernel.bytes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BinaryWriterTest {
    @Test
    @SuppressWarnings("ByteBufferBackingArray") // how large that array is, is the question
    void whatIsKeptTakesLittleMoreThanItsBytes() {
        for (int expected : new int[] {0, 100, 1 << 20}) {
            BinaryWriter out = new BinaryWriter(expected);
            out.raw(new byte[10_000]);
            ByteBuffer kept = out.toBuffer();
            assertEquals(10_000, kept.remaining());
            assertTrue(kept.array().length - kept.arrayOffset() <= 12_500, "expected " + expected);
        }
    }
}
