package io.tributary.storage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt;
import io.tributary.storage.Receipt.Records;
import io.tributary.storage.Receipt.Why;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReceiptsTest {
    private static final ShardId SHARD = new ShardId(0);

    private static void left(Receipts receipts, int topic, long from, long to, long atMillis) {
        PartitionId partition = new PartitionId(new TopicId(new UUID(7, topic)), 0);
        receipts.left(
                Why.RETENTION,
                new Receipts.Leaving(new Records(partition, from, to), List.of(), 10),
                atMillis);
    }

    private static List<Receipt> all(Receipts receipts) {
        return receipts.find(SHARD, 0, Optional.empty());
    }

    @Test
    void receiptsAreBoundedAndTheOldestGoFirst() {
        Receipts receipts = new Receipts();
        for (int i = 0; i < Receipts.MAX_RECEIPTS + 5; i++) {
            left(receipts, i, 0, 1, i);
        }
        assertEquals(Receipts.MAX_RECEIPTS, all(receipts).size());
        assertEquals(5, all(receipts).getFirst().number());
        Map<String, Long> objects = new TreeMap<>();
        for (int i = 0; i < Receipts.MAX_OBJECTS + 1_000; i++) {
            objects.put("objects/0/" + i, 1L);
        }
        receipts.left(Why.ORPHANED, objects, 1);
        int kept = all(receipts).stream().mapToInt(receipt -> receipt.objects().size()).sum();
        assertEquals(Receipts.MAX_OBJECTS, kept);
        assertEquals(Receipts.MAX_OBJECTS, receipts.orphans().size());
    }

    @Test
    void aReceiptGrowsForAnHourWhileTheSameGoesOn() {
        Receipts receipts = new Receipts();
        left(receipts, 1, 0, 5, 1_000);
        left(receipts, 1, 5, 9, 3_599_000);
        left(receipts, 1, 9, 12, 3_700_000);
        assertEquals(2, all(receipts).size());
        assertEquals(9, all(receipts).getFirst().records().orElseThrow().endOffset());
        assertEquals(20, all(receipts).getFirst().bytes());
        assertEquals(3_599_000, all(receipts).getFirst().decidedAtMillis());
    }

    @Test
    void aSnapshotHoldsThemAll() {
        Receipts receipts = new Receipts();
        left(receipts, 1, 0, 5, 1_000);
        receipts.left(Why.ORPHANED, Map.of("objects/0/x", 3L), 2_000);
        receipts.left(Why.REWRITTEN, Map.of("objects/0/y", 4L), 2_000);
        receipts.deleted("objects/0/y", 3_000);
        BinaryWriter out = new BinaryWriter(16);
        receipts.write(out);
        Receipts read = new Receipts();
        read.read(new BinaryReader(out.toBuffer()));
        assertEquals(all(receipts), all(read));
        assertEquals(List.of("objects/0/x"), read.orphans());
        left(read, 1, 5, 6, 4_000);
        assertEquals(3, all(read).size());
        left(read, 2, 0, 1, 4_000);
        assertEquals(3, all(read).getLast().number());
    }
}
