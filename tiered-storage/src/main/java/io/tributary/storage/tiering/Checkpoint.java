package io.tributary.storage.tiering;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerWriter;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.state.Snapshot;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a snapshot in the place of the log's older ledgers. Used by one thread at a time; blocks.
 *
 * <p>Every step leaves a shard that recovers: a new ledger is in the manifest before it takes
 * entries, a snapshot is in the store before the manifest names it, and ledgers go only after it
 * does.
 */
final class Checkpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

    private final ShardContext shard;
    private final Uploads uploads;

    /** A new ledger that may not be in the manifest yet. */
    private Optional<LedgerWriter> made = Optional.empty();

    Checkpoint(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        this.uploads = uploads;
    }

    private record Cut(
            long endedLedger,
            LogPosition replayFrom,
            Optional<LogPosition> oldestLogged,
            Snapshot snapshot) {}

    /** Begins a new ledger without a snapshot. */
    void roll() throws IOException {
        LedgerWriter next = newLedger();
        long ended = await(() -> shard.own().log().switchTo(next));
        retire(ended);
    }

    /** Begins a new ledger, stores a snapshot of everything before it, trims the log. */
    void run() throws IOException {
        LedgerWriter next = newLedger();
        Cut cut =
                await(
                        () -> {
                            long ended = shard.own().log().switchTo(next);
                            LogPosition replayFrom = shard.own().log().nextPosition();
                            return new Cut(
                                    ended,
                                    replayFrom,
                                    shard.own().upkeep().oldestLogged(),
                                    shard.own().state().snapshot(replayFrom));
                        });
        retire(cut.endedLedger());
        ShardManifest before = shard.own().manifest().current();
        long oldest =
                cut.oldestLogged()
                        .map(LogPosition::ledgerId)
                        .filter(id -> id < cut.replayFrom().ledgerId())
                        .orElse(cut.replayFrom().ledgerId());
        List<Long> trimmed = before.ledgers().stream().filter(id -> id < oldest).toList();
        SnapshotRef ref = store(cut, oldest);
        shard.own().log().drop(trimmed);
        for (long id : trimmed) {
            shard.node().ledgers().delete(id);
        }
        if (before.snapshot().isPresent()) {
            deleteSnapshot(before.snapshot().get().key());
        }
        LOG.info(
                "log trimmed shard={} epoch={} ledgers={} snapshotBytes={}",
                shard.shard(),
                shard.epoch(),
                trimmed.size(),
                ref.sizeBytes());
    }

    private LedgerWriter newLedger() throws IOException {
        if (made.isEmpty()) {
            made = Optional.of(shard.node().ledgers().create());
        }
        LedgerWriter next = made.get();
        shard.own().manifest().change(manifest -> manifest.withLedger(next.ledgerId()));
        made = Optional.empty();
        return next;
    }

    /** A ledger that takes no more entries: its writer gives way to a reader. */
    private void retire(long ledgerId) throws IOException {
        LedgerReader reader = shard.node().ledgers().openAndFence(ledgerId);
        Optional<LedgerReader> writer = shard.own().log().add(reader);
        if (writer.isPresent()) {
            writer.get().close();
        }
    }

    /**
     * Brings the snapshot into the store and the manifest, which keeps the ledgers from one on.
     * Where the latter fails the manifest may name the snapshot all the same: it stays under way
     * then.
     */
    private SnapshotRef store(Cut cut, long oldestLedger) throws IOException {
        String name = String.format(Locale.ROOT, "%016x-%s", shard.epoch(), uploads.newUuid());
        String key = Snapshots.key(shard.shard(), name);
        uploads.begin(key);
        SnapshotRef ref;
        try {
            ref = upload(key, cut);
        } catch (ObjectStoreException e) {
            uploads.arrived(key);
            throw e;
        }
        shard.own()
                .manifest()
                .change(
                        manifest ->
                                manifest.withSnapshot(
                                        ref,
                                        manifest.ledgers().stream()
                                                .filter(id -> id >= oldestLedger)
                                                .toList()));
        uploads.arrived(key);
        return ref;
    }

    private SnapshotRef upload(String key, Cut cut) throws IOException {
        ByteBuffer bytes = cut.snapshot().encode();
        uploads.store(key, () -> shard.node().objects().put(key, bytes.duplicate()));
        Snapshots.keepCopy(shard.node().snapshots(), key, bytes);
        return new SnapshotRef(key, bytes.remaining(), Crc32c.of(bytes), cut.replayFrom());
    }

    private void deleteSnapshot(String key) throws IOException {
        Snapshots.drop(Snapshots.localCopy(shard.node().snapshots(), key));
        try {
            shard.node().objects().delete(List.of(key));
        } catch (ObjectStoreException e) {
            // An orphan now, which a scrub removes.
            LOG.warn(
                    "old snapshot stays for now shard={} key={} problem={}",
                    shard.shard(),
                    key,
                    e.getMessage());
        }
    }

    private <T> T await(java.util.function.Supplier<T> onSequencer) throws IOException {
        try {
            return shard.own().sequencer().call(onSequencer).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw new IOException("the shard's log failed", e.getCause());
        }
    }
}
