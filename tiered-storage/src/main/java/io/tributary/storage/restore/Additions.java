package io.tributary.storage.restore;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.restore.Coverage.Piece;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.tiering.Snapshots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** What a restore adds to the object store for one shard, under a new epoch. Blocks. */
public final class Additions {
    /** An object takes no more batches beyond this. */
    private static final long OBJECT_BYTES = 64 << 20;

    private final ObjectStore store;
    private final ShardId shard;
    private final long epoch;
    private final long nowMillis;
    private final Path folder;
    private final RandomGenerator random;

    /**
     * Adds to this store.
     *
     * @param folder for an object on its way
     */
    public Additions(
            ObjectStore store,
            ShardId shard,
            long epoch,
            long nowMillis,
            Path folder,
            RandomGenerator random) {
        this.store = store;
        this.shard = shard;
        this.epoch = epoch;
        this.nowMillis = nowMillis;
        this.folder = folder;
        this.random = random;
    }

    /** Stores the batches that were chosen from ledgers; returns what the objects have. */
    List<Command.SegmentsStored> objects(Collection<RestoredPartition> partitions, SurvivingLog log)
            throws IOException {
        List<Command.SegmentsStored> stored = new ArrayList<>();
        Open open = null;
        try {
            for (RestoredPartition partition : partitions) {
                long next = -1;
                for (Piece piece : partition.pieces()) {
                    if (!(piece instanceof Piece.Logged(BatchRef batch))) {
                        continue;
                    }
                    if (open == null) {
                        open = new Open();
                    }
                    if (batch.baseOffset() != next || !open.inSegment) {
                        open.begin(partition);
                    }
                    open.writer.append(read(log, batch));
                    next = batch.endOffset();
                    if (open.writer.sizeBytes() >= OBJECT_BYTES) {
                        stored.add(open.store());
                        open = null;
                    }
                }
                if (open != null) {
                    open.endSegment();
                }
            }
            if (open != null) {
                stored.add(open.store());
                open = null;
            }
            return stored;
        } finally {
            if (open != null) {
                open.close();
            }
        }
    }

    private static ByteBuffer read(SurvivingLog log, BatchRef batch) throws IOException {
        ByteBuffer bytes = log.read(batch);
        if (!BatchHeader.parse(bytes).crcMatches(bytes)) {
            throw new CorruptDataException(
                    "ledger " + batch.at().ledgerId(),
                    batch.position(),
                    "a batch of entry " + batch.at().entry() + " changed while it was read",
                    "Copy the ledgers again.");
        }
        return bytes;
    }

    /** An object on its way. */
    private final class Open implements AutoCloseable {
        private final ObjectId id = ObjectId.make(shard, epoch, 0, nowMillis, random);
        private final Path file = folder.resolve(id.name());
        private final ObjectWriter writer = new ObjectWriter(file, id);
        private boolean inSegment;

        private Open() throws IOException {}

        private void begin(RestoredPartition partition) throws IOException {
            endSegment();
            writer.beginSegment(partition.known().partition());
            inSegment = true;
        }

        private void endSegment() throws IOException {
            if (inSegment) {
                writer.endSegment();
                inSegment = false;
            }
        }

        private Command.SegmentsStored store() throws IOException {
            try {
                endSegment();
                ObjectWriter.Written written = writer.finish();
                store.put(id.key(), file);
                return new Command.SegmentsStored(id, written.sizeBytes(), written.segments());
            } finally {
                close();
            }
        }

        @Override
        public void close() throws IOException {
            writer.close();
            Files.deleteIfExists(file);
        }
    }

    /** Stores a snapshot. */
    ShardManifest.SnapshotRef snapshot(ByteBuffer bytes, LogPosition replayFrom)
            throws IOException {
        String key =
                String.format(Locale.ROOT, "%s%s/%016x-%s", Snapshots.PREFIX, shard, epoch, uuid());
        store.put(key, bytes);
        return new ShardManifest.SnapshotRef(key, bytes.remaining(), Crc32c.of(bytes), replayFrom);
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }
}
