package io.tributary.storage.shard;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.Shard;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.Shards;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.state.Upkeep;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.storage.tiering.TieringCounts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shards of one node, opened together and closed together. */
public final class NodeShards implements Shards, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeShards.class);

    private final ShardContext.Node node;
    private final Map<ShardId, RunningShard> shards = new TreeMap<>();
    private final Scrubber scrubber;

    private NodeShards(ShardContext.Node node) {
        this.node = node;
        scrubber = new Scrubber(node, this::open);
    }

    /**
     * Opens shards 0 to {@code count}, exclusive; blocks until each is recovered. Where there is no
     * room for their ledgers they can be read, and take appends once there is.
     *
     * @throws IOException one of them cannot be recovered; none stays open
     */
    public static NodeShards open(
            ShardContext.Node node,
            int count,
            ManifestStore manifests,
            TailCache tail,
            DiskReserve reserve)
            throws IOException {
        NodeShards opened = new NodeShards(node);
        boolean complete = false;
        try {
            List<Long> before = node.ledgers().list();
            for (int i = 0; i < count; i++) {
                ShardId id = new ShardId(i);
                RunningShard shard =
                        new RunningShard(
                                () -> RecoveredShard.recover(id, node, manifests, tail),
                                node,
                                reserve);
                opened.shards.put(id, shard);
                shard.start();
            }
            deleteForgottenLedgers(node, before, manifests);
            opened.scrubber.start();
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                opened.close();
            }
        }
    }

    /**
     * Ledgers that no shard's manifest names, opened here or not, were made or dropped right before
     * a crash. A former owner, who could still put one of them into a manifest, is fenced by now.
     * The ledger store must be this node's alone.
     */
    private static void deleteForgottenLedgers(
            ShardContext.Node node, List<Long> before, ManifestStore manifests) throws IOException {
        Set<Long> named = new HashSet<>();
        for (ShardId shard : manifests.list()) {
            manifests.read(shard).ifPresent(stored -> named.addAll(stored.manifest().ledgers()));
        }
        for (long id : before) {
            if (!named.contains(id)) {
                LOG.info("deleting a ledger no shard names ledger={}", id);
                node.ledgers().delete(id);
            }
        }
    }

    @Override
    public Shard shard(ShardId id) throws ShardUnavailableException {
        RunningShard shard = shards.get(id);
        if (shard == null) {
            throw new ShardUnavailableException("shard " + id + " is not on this node");
        }
        return shard;
    }

    @Override
    public FlushReport flush() throws IOException {
        FlushReport total = new FlushReport(0, 0, 0);
        for (OpenShard shard : open().values()) {
            FlushReport one;
            try {
                one = shard.tiering().flushNow();
            } catch (ObjectStoreException e) {
                throw new ObjectStoreException(e.kind(), e.getMessage() + ". " + waiting(), e);
            }
            total =
                    new FlushReport(
                            total.objects() + one.objects(),
                            total.segments() + one.segments(),
                            total.bytes() + one.bytes());
        }
        return total;
    }

    private String waiting() {
        return stats().stream()
                .filter(shard -> shard.loggedBytes() > 0)
                .map(shard -> "shard " + shard.shard() + ": " + shard.loggedBytes() + " bytes")
                .collect(
                        Collectors.joining(
                                ", ", "Kept in the log until the store takes it: ", "."));
    }

    @Override
    public long dropLocalCache() throws IOException {
        node.chunks().dropAll();
        return node.local().dropAll();
    }

    @Override
    public ScrubReport scrub() throws IOException {
        return scrubber.run();
    }

    @Override
    public ScrubReport lastScrub() {
        return scrubber.last();
    }

    @Override
    public List<Receipt> receipts(Receipt.Query query) throws ShardUnavailableException {
        List<Receipt> found = new ArrayList<>();
        for (OpenShard shard : open().values()) {
            found.addAll(
                    shard.context()
                            .own()
                            .upkeep()
                            .receipts(shard.context().shard(), query.sinceMillis(), query.topic()));
        }
        return found.stream()
                .filter(
                        receipt ->
                                query.after()
                                        .filter(after -> receipt.place().compareTo(after) <= 0)
                                        .isEmpty())
                .sorted(Comparator.comparing(Receipt::place))
                .limit(query.limit())
                .toList();
    }

    @Override
    public void removeTopics(Collection<TopicId> topics, Receipt.Why why) throws IOException {
        for (OpenShard shard : open().values()) {
            shard.remove(topics, why);
        }
    }

    @Override
    public boolean ready() {
        return shards.values().stream().allMatch(RunningShard::ready);
    }

    /** How many shards can only be read, because no ledger for appends can be had. */
    public long readOnly() {
        return shards.values().stream().filter(RunningShard::readOnly).count();
    }

    /**
     * How a shard does, for metrics.
     *
     * @param loggedBytes records not in the object store yet
     * @param ledgerBytes what its ledgers take on disk
     * @param queuedBytes waiting to be sequenced
     * @param objectsByLevel how many objects there are by how often they were merged
     * @param tiering what was written since the shard was opened
     */
    public record Stats(
            ShardId shard,
            long epoch,
            long loggedBytes,
            long ledgerBytes,
            long queuedBytes,
            Upkeep.Counts counts,
            List<Integer> objectsByLevel,
            TieringCounts tiering) {}

    /** How the open shards do. */
    public List<Stats> stats() {
        return shards.keySet().stream().flatMap(id -> stats(id).stream()).toList();
    }

    /** How a shard does; empty while it is not open. */
    public Optional<Stats> stats(ShardId id) {
        return Optional.ofNullable(shards.get(id))
                .flatMap(RunningShard::context)
                .map(
                        c ->
                                new Stats(
                                        c.shard(),
                                        c.epoch(),
                                        c.own().state().loggedBytes(),
                                        c.own().log().sizeBytes(),
                                        c.own().sequencer().queuedBytes(),
                                        c.own().upkeep().counts(),
                                        c.own().levels().objectsByLevel(),
                                        c.own().counts()));
    }

    private Map<ShardId, OpenShard> open() throws ShardUnavailableException {
        Map<ShardId, OpenShard> open = new TreeMap<>();
        for (Map.Entry<ShardId, RunningShard> shard : shards.entrySet()) {
            open.put(shard.getKey(), shard.getValue().current());
        }
        return open;
    }

    /** Answers what is queued and lets go of the shards; what is durable stays. */
    @Override
    public void close() {
        scrubber.close();
        for (RunningShard shard : shards.values()) {
            shard.close();
        }
    }
}
