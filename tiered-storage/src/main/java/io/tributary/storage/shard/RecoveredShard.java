package io.tributary.storage.shard;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerWriter;
import io.tributary.storage.append.Watches;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.OwnedManifest;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.state.Reads;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.storage.tiering.Snapshots;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard taken over under an epoch and rebuilt from its log: it can be read until it is closed,
 * whether or not a ledger for new entries can be had.
 */
final class RecoveredShard {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveredShard.class);

    private final ShardId shard;
    private final OwnedManifest manifest;
    private final ShardState state;
    private final ShardLog log;
    private final Reads reads;
    private final ShardReader reader;
    private final Watches watches = new Watches();

    /** Made for new entries; the manifest may not name it yet. */
    private Optional<LedgerWriter> writer = Optional.empty();

    private RecoveredShard(
            ShardId shard,
            ShardContext.Node node,
            OwnedManifest manifest,
            ShardState state,
            ShardLog log) {
        this.shard = shard;
        this.manifest = manifest;
        this.state = state;
        this.log = log;
        reads = new Reads(state);
        reader = new ShardReader(reads, log, node.segments());
    }

    /**
     * Takes the shard over, fences its log and replays it; blocks. A failure leaves nothing open.
     */
    static RecoveredShard recover(
            ShardId shard, ShardContext.Node node, ManifestStore manifests, TailCache tail)
            throws IOException {
        OwnedManifest manifest = OwnedManifest.claim(manifests, shard, node.settings().owner());
        ShardState state =
                new ShardState(node.settings().retryWindow(), node.settings().producerExpiration());
        ShardLog log = new ShardLog(tail);
        boolean complete = false;
        try {
            replay(shard, node, manifest.current(), state, log);
            complete = true;
        } finally {
            if (!complete) {
                log.close();
            }
        }
        state.allDurable();
        return new RecoveredShard(shard, node, manifest, state, log);
    }

    private static void replay(
            ShardId shard,
            ShardContext.Node node,
            ShardManifest manifest,
            ShardState state,
            ShardLog log)
            throws IOException {
        LogPosition from = new LogPosition(Long.MIN_VALUE, 0);
        if (manifest.snapshot().isPresent()) {
            ShardManifest.SnapshotRef ref = manifest.snapshot().get();
            try {
                state.load(Snapshots.read(node.snapshots(), node.objects(), ref));
            } catch (MalformedBytesException e) {
                throw new CorruptDataException(
                        "snapshot " + ref.key(), 0, e.getMessage(), "Restore it from a backup.");
            }
            from = ref.replayFrom();
        }
        long replayed = 0;
        for (long id : manifest.ledgers()) {
            LedgerReader ledger = node.ledgers().openAndFence(id);
            log.add(ledger);
            for (long entry = 0; entry < ledger.endEntry(); entry++) {
                LogPosition at = new LogPosition(id, entry);
                if (at.compareTo(from) >= 0) {
                    replay(state, ledger, at);
                    replayed++;
                }
            }
        }
        LOG.info(
                "shard recovered shard={} epoch={} ledgers={} entriesReplayed={}",
                shard,
                manifest.epoch(),
                manifest.ledgers().size(),
                replayed);
    }

    private static void replay(ShardState state, LedgerReader ledger, LogPosition at)
            throws IOException {
        try {
            state.replay(at, LogEntry.read(ledger.read(at.entry())));
        } catch (MalformedBytesException | IllegalStateException e) {
            throw new CorruptDataException(
                    "ledger " + at.ledgerId(),
                    at.entry(),
                    "entry " + at.entry() + ": " + e.getMessage(),
                    "Restore the data folder from a backup.");
        }
    }

    /**
     * Gets an empty ledger as the end of the log; blocks. After a failure other than being fenced
     * it can be asked again, and the shard is as it was.
     */
    void beginLedger(ShardContext.Node node) throws IOException {
        if (writer.isEmpty()) {
            writer = Optional.of(newLedger(node));
        }
        // A ledger whose naming failed may be named all the same: it must not be another's.
        LedgerWriter first = writer.get();
        manifest.change(m -> m.withLedger(first.ledgerId()));
        log.begin(first);
    }

    private LedgerWriter newLedger(ShardContext.Node node) throws IOException {
        LedgerWriter ledger = node.ledgers().create();
        ShardManifest now = manifest.current();
        long newest = now.ledgers().stream().reduce(Long.MIN_VALUE, Math::max);
        long covered = now.snapshot().map(ref -> ref.replayFrom().ledgerId()).orElse(newest);
        if (ledger.ledgerId() > Math.max(newest, covered)) {
            return ledger;
        }
        ledger.close();
        node.ledgers().delete(ledger.ledgerId());
        throw new IOException(
                String.format(
                        Locale.ROOT,
                        "the log of shard %s goes to ledger %d, but new ledgers begin at %d:"
                            + " recovery would pass over them; restore the folder of the ledgers",
                        shard,
                        Math.max(newest, covered),
                        ledger.ledgerId()));
    }

    ShardId shard() {
        return shard;
    }

    /** The epoch it was taken over under. */
    long epoch() {
        return manifest.current().epoch();
    }

    OwnedManifest manifest() {
        return manifest;
    }

    ShardState state() {
        return state;
    }

    ShardLog log() {
        return log;
    }

    Reads reads() {
        return reads;
    }

    ShardReader reader() {
        return reader;
    }

    Watches watches() {
        return watches;
    }

    /** Lets go of the log, and sends away who waits here. */
    void close() throws IOException {
        watches.close();
        log.close();
        if (writer.isPresent()) {
            writer.get().close();
        }
    }
}
