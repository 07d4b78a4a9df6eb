package io.tributary.ingest.kafka.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tributary.ingest.kafka.wire.FrameCutter.BadFrameException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameCutterTest {
    private static final int LARGE = 1 << 20;

    private static final int MAX = 1 << 20;

    private static byte[] bytes(ByteBuffer frame) {
        byte[] copy = new byte[frame.remaining()];
        frame.get(copy);
        return copy;
    }

    @Test
    void framesComeOutAsTheyWentInHoweverTheyWereCut() throws Exception {
        Random random = new Random(5);
        List<byte[]> sent = new ArrayList<>();
        ByteBuffer stream = ByteBuffer.allocate(4 << 20);
        for (int i = 0; i < 50; i++) {
            byte[] frame = new byte[RequestFrame.MIN_BYTES + random.nextInt(50_000)];
            random.nextBytes(frame);
            sent.add(frame);
            stream.putInt(frame.length).put(frame);
        }
        stream.flip();
        FrameCutter cutter = new FrameCutter();
        List<byte[]> got = new ArrayList<>();
        while (stream.hasRemaining()) {
            int length = Math.min(stream.remaining(), 1 + random.nextInt(20_000));
            cutter.take(stream.slice(stream.position(), length), MAX, f -> got.add(bytes(f)));
            stream.position(stream.position() + length);
        }
        assertEquals(sent.size(), got.size());
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i), got.get(i));
        }
    }

    @Test
    void impossibleLengthsAreRefused() {
        for (int length : new int[] {-1, 0, RequestFrame.MIN_BYTES - 1, MAX + 1, 1 << 30}) {
            ByteBuffer bytes = ByteBuffer.allocate(4).putInt(0, length);
            assertThrows(
                    BadFrameException.class, () -> new FrameCutter().take(bytes, MAX, frame -> {}));
        }
    }

    @Test
    void announcedBytesTakeNoMemoryBeforeTheyCome() throws Exception {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<FrameCutter> cutters = new ArrayList<>();
        long before = memory.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            FrameCutter cutter = new FrameCutter();
            cutter.take(ByteBuffer.allocate(5).putInt(0, MAX), MAX, frame -> {});
            cutters.add(cutter);
        }
        long each = (memory.getCurrentThreadAllocatedBytes() - before) / cutters.size();
        assertTrue(each < 32 << 10, each + " bytes");
    }

    @Test
    void largeFrameTakesLittleMoreMemoryThanItHasBytes() throws Exception {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer bytes = ByteBuffer.allocate(4 + LARGE).putInt(0, LARGE);
        FrameCutter cutter = new FrameCutter();
        List<ByteBuffer> frames = new ArrayList<>();
        long before = memory.getCurrentThreadAllocatedBytes();
        for (int from = 0; from < bytes.capacity(); from += 64 << 10) {
            int length = Math.min(64 << 10, bytes.capacity() - from);
            cutter.take(bytes.slice(from, length), LARGE, frames::add);
        }
        long taken = memory.getCurrentThreadAllocatedBytes() - before;
        assertEquals(LARGE, frames.getFirst().remaining());
        assertTrue(taken < LARGE * 3L / 2, taken + " bytes");
    }
}
