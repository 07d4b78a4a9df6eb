package io.tributary.ingest.kafka.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.ingest.kafka.wire.FrameMemory.Answer;
import io.tributary.kernel.id.TenantId;
import org.junit.jupiter.api.Test;

class FrameMemoryTest {
    private static final int MIB = 1 << 20;
    private static final TenantId NOISY = new TenantId("t-aaaaaaaaaaaaaaaa");
    private static final TenantId QUIET = new TenantId("t-bbbbbbbbbbbbbbbb");

    private final FrameMemory memory = new FrameMemory(100 * MIB, 20 * MIB);

    private FrameMemory.Share share(TenantId tenant) {
        FrameMemory.Share share = memory.share();
        share.belongTo(tenant);
        return share;
    }

    @Test
    void tenantWithManyConnectionsLeavesHalfToOthers() {
        for (int i = 0; i < 5; i++) {
            assertEquals(Answer.FITS, share(NOISY).hold(10 * MIB));
        }
        assertEquals(Answer.FAVOURED, share(NOISY).hold(10 * MIB), "one comes to its end");
        assertEquals(Answer.WAIT, share(NOISY).hold(MIB));
        assertEquals(Answer.FITS, share(NOISY).hold(10_000), "a small request passes");
        assertEquals(Answer.FITS, share(QUIET).hold(15 * MIB));
    }

    @Test
    void whoWaitsGoesOnWhenOthersHaveEnded() {
        FrameMemory.Share large = share(NOISY);
        FrameMemory.Share favoured = share(NOISY);
        FrameMemory.Share waiting = share(NOISY);
        assertEquals(Answer.FITS, large.hold(50 * MIB));
        assertEquals(Answer.FAVOURED, favoured.hold(MIB));
        assertEquals(Answer.WAIT, waiting.hold(MIB));
        favoured.hold(0);
        assertEquals(Answer.FAVOURED, waiting.hold(MIB), "the favour is free again");
        large.giveBack();
        assertEquals(Answer.FITS, favoured.hold(10 * MIB));
    }

    @Test
    void whoFitsAgainLeavesTheFavourToAnother() {
        FrameMemory.Share large = share(NOISY);
        FrameMemory.Share favoured = share(NOISY);
        assertEquals(Answer.FITS, large.hold(50 * MIB));
        assertEquals(Answer.FAVOURED, favoured.hold(MIB));
        large.hold(10 * MIB);
        assertEquals(Answer.FITS, favoured.hold(2 * MIB));
        large.hold(48 * MIB);
        assertEquals(Answer.FAVOURED, share(NOISY).hold(MIB));
    }

    @Test
    void favoursAreBoundedTogether() {
        assertEquals(Answer.FAVOURED, share(NOISY).hold(115 * MIB));
        assertEquals(Answer.WAIT, share(QUIET).hold(10 * MIB));
        assertEquals(Answer.WAIT, memory.share().hold(MIB));
    }

    @Test
    void favoursThatGrowAreBoundedTogetherAndOneAlwaysComesToItsEnd() {
        TenantId third = new TenantId("t-cccccccccccccccc");
        FrameMemory.Share first = share(NOISY);
        FrameMemory.Share second = share(QUIET);
        FrameMemory.Share other = share(third);
        assertEquals(Answer.FITS, share(NOISY).hold(50 * MIB));
        assertEquals(Answer.FITS, share(QUIET).hold(25 * MIB));
        assertEquals(Answer.FITS, share(third).hold(12 * MIB));
        assertEquals(Answer.FAVOURED, first.hold(10 * MIB));
        assertEquals(Answer.FAVOURED, second.hold(10 * MIB));
        assertEquals(Answer.FAVOURED, other.hold(10 * MIB));
        assertEquals(Answer.FAVOURED, first.hold(14 * MIB), "beyond the bound, as the only one");
        assertEquals(Answer.HELD_UP, second.hold(11 * MIB));
        assertEquals(Answer.HELD_UP, other.hold(11 * MIB));
        assertEquals(Answer.FAVOURED, first.hold(15 * MIB), "it goes on");
        first.giveBack();
        assertEquals(Answer.FAVOURED, second.hold(12 * MIB));
        assertEquals(Answer.FAVOURED, other.hold(12 * MIB));
    }

    @Test
    void whatConnectionsHoldIsGivenBackOnceAndTheirTenantsForgotten() {
        FrameMemory.Share share = share(NOISY);
        assertEquals(Answer.FITS, share.hold(40 * MIB));
        share.giveBack();
        share.giveBack();
        assertEquals(0, memory.groups());
        assertEquals(Answer.FITS, share(QUIET).hold(50 * MIB));
    }
}
