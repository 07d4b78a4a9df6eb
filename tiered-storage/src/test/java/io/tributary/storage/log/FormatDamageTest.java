package io.tributary.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.log.Command.OrdinalRun;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Cuts and flips in a manifest and in a log entry. */
class FormatDamageTest {
    private static final TopicId TOPIC = new TopicId(new UUID(1, 2));
    private static final PartitionId PARTITION = new PartitionId(TOPIC, 3);
    private static final ObjectId OBJECT = new ObjectId(new ShardId(0), 4, new UUID(5, 6));

    @Test
    void cutOrFlippedManifestIsNeverTaken() {
        ShardManifest manifest =
                new ShardManifest(
                        7,
                        "node:8443",
                        List.of(1L, 2L, 300L),
                        Optional.of(
                                new SnapshotRef(
                                        "snapshots/0/x", 1_000, 77, new LogPosition(2, 0))));
        byte[] whole = manifest.toBytes();
        assertEquals(manifest, ShardManifest.read(whole));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(MalformedBytesException.class, () -> ShardManifest.read(cut));
        }
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(MalformedBytesException.class, () -> ShardManifest.read(flipped));
        }
    }

    private static byte[] entry(List<Command> commands) {
        LogEntry.Writer out = new LogEntry.Writer(1_700_000_000_000L, 256);
        commands.forEach(out::add);
        ByteBuffer bytes = out.toBuffer();
        byte[] entry = new byte[bytes.remaining()];
        bytes.get(entry);
        return entry;
    }

    /**
     * The ledger's checksum guards an entry; beyond that its reader must not be led astray: it
     * reads what is there, or says that it is malformed.
     */
    @Test
    void cutOrFlippedEntryIsMalformedOrAnotherEntryAndNothingElse() {
        List<Command> commands =
                List.of(
                        new Command.EpochStarted(9),
                        new Command.RetryNoted(
                                new TenantId("t-aaaaaaaaaaaaaaaa"),
                                new UUID(1, 1),
                                5,
                                PARTITION,
                                List.of(new OrdinalRun(0, 10, 2), new OrdinalRun(3, 12, 1)),
                                1,
                                IntBuffer.wrap(new int[] {7, 8, 9})),
                        new Command.SegmentsStored(
                                OBJECT,
                                500,
                                List.of(new SegmentInfo(PARTITION, 0, 10, 41, 99, 140, 40, 1))),
                        new Command.LogStartMoved(PARTITION, 4, Why.RETENTION),
                        new Command.TopicRemoved(TOPIC, Why.TOPIC_DELETED),
                        new Command.ObjectsDeleted(List.of(OBJECT, OBJECT)),
                        new Command.OrphansFound(List.of(new Command.Orphan("objects/0/x", 7))),
                        new Command.OrphansDeleted(List.of("objects/0/x")));
        byte[] whole = entry(commands);
        assertEquals(commands, LogEntry.read(ByteBuffer.wrap(whole)).commands());
        int cutBetweenCommands = 0;
        for (int length = 0; length < whole.length; length++) {
            if (reads(Arrays.copyOf(whole, length))) {
                cutBetweenCommands++;
            }
        }
        assertEquals(commands.size(), cutBetweenCommands);
        int malformed = 0;
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            malformed += reads(flipped) ? 0 : 1;
        }
        assertTrue(malformed > 100, () -> "hardly any flip was noticed");
    }

    private static boolean reads(byte[] bytes) {
        try {
            LogEntry.read(ByteBuffer.wrap(bytes));
            return true;
        } catch (MalformedBytesException e) {
            return false;
        }
    }
}
