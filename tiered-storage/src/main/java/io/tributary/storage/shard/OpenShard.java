package io.tributary.storage.shard;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerWriter;
import io.tributary.storage.Receipt;
import io.tributary.storage.append.Sequencer;
import io.tributary.storage.append.Watches;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.OwnedManifest;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.state.Reads;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.Upkeep;
import io.tributary.storage.tiering.Closing;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.storage.tiering.Snapshots;
import io.tributary.storage.tiering.Tiering;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard in the hands of one owner's epoch: recovered, and serving until it is closed or fails.
 * What failed is never mended in place; another is opened from the log.
 */
final class OpenShard {
    private static final Logger LOG = LoggerFactory.getLogger(OpenShard.class);

    private final ShardContext context;
    private final Reads reads;
    private final ShardReader reader;
    private final Watches watches;
    private final Tiering tiering;
    private final Thread sequencing;

    private OpenShard(
            ShardContext context,
            Reads reads,
            ShardReader reader,
            Watches watches,
            Tiering tiering) {
        this.context = context;
        this.reads = reads;
        this.reader = reader;
        this.watches = watches;
        this.tiering = tiering;
        sequencing = context.node().environment().threads().newThread(this::sequence);
        sequencing.setName("tributary-shard-" + context.shard());
    }

    /**
     * Takes the shard over and recovers it; blocks.
     *
     * @param onFailure called once when the shard can serve no longer
     */
    static OpenShard open(
            ShardId shard,
            ShardContext.Node node,
            ManifestStore manifests,
            TailCache tail,
            Consumer<Throwable> onFailure)
            throws IOException {
        OwnedManifest manifest = OwnedManifest.claim(manifests, shard, node.settings().owner());
        ShardManifest claimed = manifest.current();
        ShardState state = new ShardState(node.settings().retryWindow());
        List<LedgerReader> ledgers = recover(shard, node, claimed, state);
        LedgerWriter writer = node.ledgers().create();
        manifest.change(m -> m.withLedger(writer.ledgerId()));
        ShardLog log = new ShardLog(tail, writer);
        ledgers.forEach(log::add);
        state.allDurable();
        Watches watches = new Watches();
        Sequencer sequencer =
                new Sequencer(
                        state,
                        log,
                        watches,
                        node.environment().clock(),
                        new Sequencer.Terms(
                                claimed.epoch(), node.settings().maxRetryKeysPerTenant()),
                        onFailure);
        ShardContext context =
                new ShardContext(
                        node,
                        shard,
                        claimed.epoch(),
                        new ShardContext.Own(
                                manifest,
                                state,
                                new Upkeep(state),
                                log,
                                sequencer,
                                new Closing(node.environment().scheduler())));
        Reads reads = new Reads(state);
        OpenShard open =
                new OpenShard(
                        context,
                        reads,
                        new ShardReader(reads, log, node.segments()),
                        watches,
                        new Tiering(context));
        open.start();
        return open;
    }

    private void start() throws IOException {
        sequencing.start();
        log(List.of(new Command.EpochStarted(context.epoch())));
        tiering.start();
        LOG.info(
                "shard open shard={} epoch={} partitions={}",
                context.shard(),
                context.epoch(),
                context.own().upkeep().counts().partitions());
    }

    private static List<LedgerReader> recover(
            ShardId shard, ShardContext.Node node, ShardManifest manifest, ShardState state)
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
        List<LedgerReader> ledgers = new ArrayList<>();
        long replayed = 0;
        for (long id : manifest.ledgers()) {
            LedgerReader ledger = node.ledgers().openAndFence(id);
            ledgers.add(ledger);
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
                ledgers.size(),
                replayed);
        return ledgers;
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

    private void sequence() {
        try {
            context.own().sequencer().run();
        } catch (InterruptedException e) {
            context.own().sequencer().fail(e);
            Thread.currentThread().interrupt();
        }
    }

    ShardContext context() {
        return context;
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

    Tiering tiering() {
        return tiering;
    }

    /** Removes topics; durable, and nothing of them is served, when this returns. */
    void remove(Collection<TopicId> topics, Receipt.Why why) throws IOException {
        List<Command> removals = new ArrayList<>();
        for (TopicId topic : topics) {
            if (!context.own().state().removed(topic)) {
                removals.add(new Command.TopicRemoved(topic, why));
            }
        }
        if (!removals.isEmpty()) {
            log(removals);
            tiering.removed();
        }
    }

    private void log(List<Command> commands) throws IOException {
        try {
            context.own().sequencer().submit(commands).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw new IOException("the shard's log failed", e.getCause());
        }
    }

    /** Finishes what is queued, answers it, and lets go of everything; what is durable stays. */
    void close() throws IOException {
        context.own().closing().close();
        context.own().sequencer().close();
        try {
            sequencing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watches.wakeAll();
        context.own().log().close();
    }
}
