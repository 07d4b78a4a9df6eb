package io.tributary.metadata.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.metadata.backup.Lineage;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.MemoryRecords;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProducerIdsTest {
    private static final int MORE_THAN_A_BLOCK = 1_500;

    private final Set<Long> given = new HashSet<>();

    private void take(ProducerIds ids, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            long id = ids.next();
            assertTrue(id >= 0 && given.add(id), () -> "given twice: " + id);
        }
    }

    @Test
    void noIdIsGivenTwiceByNodesSideBySideOrOneAfterTheOther() throws Exception {
        MemoryRecords records = new MemoryRecords();
        ProducerIds one = new ProducerIds(records);
        ProducerIds other = new ProducerIds(records);
        for (int i = 0; i < 3; i++) {
            take(one, MORE_THAN_A_BLOCK);
            take(other, MORE_THAN_A_BLOCK);
        }
        take(new ProducerIds(records), MORE_THAN_A_BLOCK);
        assertEquals(7 * MORE_THAN_A_BLOCK, given.size());
    }

    @Test
    void restoredMetadataThatForgotIdsGivesOthers() throws Exception {
        MemoryRecords before = new MemoryRecords();
        new Lineage(1, new UUID(1, 1)).create(before);
        take(new ProducerIds(before), MORE_THAN_A_BLOCK);
        MemoryRecords restored = new MemoryRecords();
        new Lineage(2, new UUID(1, 2)).create(restored);
        take(new ProducerIds(restored), MORE_THAN_A_BLOCK);
    }

    @Test
    void damagedRecordIsNamed() throws Exception {
        MemoryRecords records = new MemoryRecords();
        records.apply(List.of(new Change.Create("/producer-ids", new byte[] {'x'})));
        IOException damaged =
                assertThrows(IOException.class, () -> new ProducerIds(records).next());
        assertTrue(damaged.getMessage().contains("/producer-ids"));
    }
}
