package io.tributary.ingest.kafka.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FrameMemoryTest {
    private static final int MIB = 1 << 20;

    @Test
    void whatAllHoldTogetherIsBoundedAndGivenBack() {
        FrameMemory memory = new FrameMemory(3 * MIB);
        FrameMemory.Share one = memory.share();
        FrameMemory.Share other = memory.share();
        assertTrue(one.hold(2 * MIB));
        assertTrue(other.hold(MIB));
        assertFalse(other.hold(MIB + 1));
        other.giveBack();
        assertFalse(other.hold(1));
        assertTrue(one.hold(3 * MIB));
        assertTrue(memory.share().hold(1_000), "a small request passes");
        assertFalse(memory.share().hold(100_000));
        one.giveBack();
        assertTrue(memory.share().hold(2 * MIB));
    }
}
