package io.tributary.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.MemoryRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class DeploymentRecordTest {
    private final MemoryRecords records = new MemoryRecords();
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);

    @Test
    void idAndClaimOutliveTheProcess() throws Exception {
        DeploymentRecord made = DeploymentRecord.open(records, random);
        assertFalse(made.hasClaimed());
        made.claimed();
        assertTrue(made.hasClaimed());
        DeploymentRecord read = DeploymentRecord.open(records, random);
        assertEquals(made.id(), read.id());
        assertTrue(read.hasClaimed());
    }

    @Test
    void recordOfAnotherReleaseIsRefused() {
        for (String text : List.of("2 x new", "1 x", "1 x maybe", "")) {
            MemoryRecords damaged = new MemoryRecords();
            damaged.apply(
                    List.of(
                            new Change.Create(
                                    "/deployment", text.getBytes(StandardCharsets.US_ASCII))));
            assertThrows(IOException.class, () -> DeploymentRecord.open(damaged, random), text);
        }
    }
}
