package io.tributary.storage.tiering;

import io.tributary.kernel.fault.FencedException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.Shards.FlushReport;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.state.Timetable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background work of an open shard. Moving data and trimming the log happen one after the
 * other; retention and deletion beside them, so that they go on while the object store is away.
 */
public final class Tiering {
    private static final Logger LOG = LoggerFactory.getLogger(Tiering.class);
    private static final Duration TICK = Duration.ofMillis(250);

    /** How long a job rests that failed in a way nobody thought of. */
    private static final Duration REST = Duration.ofSeconds(10);

    /** How long the object store may fail before who waits for a flush is told. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The log is trimmed when it has grown by this part of a ledger since the last time. */
    private static final int CHECKPOINTS_PER_LEDGER = 4;

    /** How long records that expired before they were moved may stay in the log's ledgers. */
    private static final Duration EXPIRED_STAYS = Duration.ofMinutes(1);

    /** When clearing the log is tried again while younger records lie in the same ledger. */
    private static final Duration CLEAR_AGAIN = Duration.ofSeconds(10);

    private final ShardContext shard;
    private final Scheduler scheduler;
    private final Uploads uploads;
    private final Flush flush;
    private final Tidying tidying;
    private final Checkpoint checkpoint;
    private final Expiry expiry;
    private final Reaper reaper;
    private final RecordDeletion deletion;
    private final Timetable timetable;

    /** One job at a time; held while it moves data. */
    private final ReentrantLock moving = new ReentrantLock();

    private final ReentrantLock upkeep = new ReentrantLock();
    private long checkpointedMillis;
    private long nextClearMillis = Long.MIN_VALUE;
    private volatile boolean removalPending;

    public Tiering(ShardContext shard) {
        this.shard = shard;
        scheduler = shard.node().environment().scheduler();
        uploads = new Uploads(shard);
        timetable = new Timetable(shard.own().state());
        expiry = new Expiry(shard, uploads, timetable);
        flush = new Flush(shard, uploads, timetable, expiry);
        tidying = new Tidying(shard, uploads);
        checkpoint = new Checkpoint(shard, uploads);
        reaper = new Reaper(shard, uploads);
        deletion = new RecordDeletion(shard, uploads);
        checkpointedMillis = shard.nowMillis();
    }

    /** Begins to work on its own. */
    public void start() {
        scheduler.after(TICK, this::move);
        scheduler.after(TICK, this::keepUp);
    }

    /** Returns when no job runs any more, once the shard closes; blocks for the current ones. */
    public void awaitEnd() {
        for (ReentrantLock job : List.of(moving, upkeep)) {
            job.lock();
            try {
                LOG.debug("background work ended shard={}", shard.shard());
            } finally {
                job.unlock();
            }
        }
    }

    /** Keys of what may be in the store though neither log nor manifest names it yet. */
    public Set<String> underWay() {
        return uploads.underWay();
    }

    /**
     * Moves everything durable into the object store and trims the log.
     *
     * @throws ObjectStoreException the store has taken nothing for {@link #PATIENCE}; moving goes
     *     on in the background
     */
    public FlushReport flushNow() throws IOException {
        while (!moving.tryLock()) {
            if (uploads.failingFor(PATIENCE)) {
                throw new ObjectStoreException(
                        ObjectStoreException.Kind.UNAVAILABLE, "uploads fail, one is tried again");
            }
            uploads.pause(TICK);
        }
        try {
            uploads.giveUpAfter(Optional.of(PATIENCE));
            FlushReport report = flush.all();
            trim();
            return report;
        } finally {
            uploads.giveUpAfter(Optional.empty());
            moving.unlock();
        }
    }

    /** Removes a partition's records below an offset; durable when this returns. */
    public DeleteOutcome deleteRecords(PartitionId partition, OptionalLong beforeOffset)
            throws IOException {
        return deletion.run(partition, beforeOffset);
    }

    /** Records of a topic were removed: their bytes leave the log and the store soon. */
    public void removed() {
        removalPending = true;
    }

    private void move() {
        moving.lock();
        try {
            Duration next = shard.own().closing().isClosed() ? TICK : moveSome();
            // One look decides both, so that nothing stays under way in a shard that has closed.
            if (shard.own().closing().isClosed()) {
                tidying.abandon();
            } else {
                scheduler.after(next, this::move);
            }
        } finally {
            moving.unlock();
        }
    }

    /** Returns when to look again. */
    private Duration moveSome() {
        try {
            Optional<FlushReport> flushed = flush.due();
            boolean removal = removalPending;
            removalPending = false;
            if (removal) {
                // What else lies in the same ledgers moves on, so that they can go.
                flushed = Optional.of(flush.all());
            }
            if (removal || (flushed.isPresent() && trimIsWorthIt()) || overdue()) {
                trim();
            } else if (expiredInLog()) {
                clearLog();
            } else if (shard.own().log().currentBytes() >= shard.node().settings().ledgerBytes()) {
                checkpoint.roll();
            }
            tidying.step();
        } catch (FencedException e) {
            shard.own().sequencer().fail(e);
        } catch (IOException e) {
            report("moving data failed, will try again", e);
        } catch (RuntimeException e) {
            report("moving data failed unexpectedly, will try again", e);
            return REST;
        }
        return TICK;
    }

    private void keepUp() {
        Duration next = TICK;
        upkeep.lock();
        try {
            if (shard.own().closing().isClosed()) {
                return;
            }
            shard.own().state().freezeIdle(shard.nowMillis());
            expiry.run();
            reaper.run();
        } catch (IOException e) {
            report("retention failed, will try again", e);
        } catch (RuntimeException e) {
            report("retention failed unexpectedly, will try again", e);
            next = REST;
        } finally {
            upkeep.unlock();
        }
        if (!shard.own().closing().isClosed()) {
            scheduler.after(next, this::keepUp);
        }
    }

    /** Whether expired records have been in the ledgers for as long as they may. */
    private boolean expiredInLog() {
        OptionalLong since = timetable.expiredInLogSince();
        long now = shard.nowMillis();
        return since.isPresent()
                && now - since.getAsLong() >= EXPIRED_STAYS.toMillis()
                && now >= nextClearMillis;
    }

    /** Trims the log if that removes anything, or prepares for it. */
    private void clearLog() throws IOException {
        List<Long> ledgers = shard.own().manifest().current().ledgers();
        Optional<LogPosition> oldest = shard.own().upkeep().oldestLogged();
        if (oldest.filter(at -> at.ledgerId() == ledgers.getFirst()).isEmpty()) {
            trim();
            return;
        }
        if (ledgers.size() == 1) {
            checkpoint.roll();
        }
        nextClearMillis = shard.nowMillis() + CLEAR_AGAIN.toMillis();
    }

    /**
     * Deletes objects that nothing refers to; in the log, with their receipts, and gone when this
     * returns.
     */
    public void delete(List<Command.Orphan> orphans) throws IOException {
        upkeep.lock();
        try {
            reaper.run(orphans);
        } finally {
            upkeep.unlock();
        }
    }

    private void trim() throws IOException {
        checkpoint.run();
        timetable.trimmed();
        checkpointedMillis = shard.nowMillis();
    }

    private boolean trimIsWorthIt() {
        return shard.own().log().sizeBytes()
                >= shard.node().settings().ledgerBytes() / CHECKPOINTS_PER_LEDGER;
    }

    /** Expired and tiered records must leave the log even when little is written. */
    private boolean overdue() {
        Duration age = Duration.ofMillis(shard.nowMillis() - checkpointedMillis);
        return shard.own().log().currentBytes() > 0
                && age.compareTo(shard.node().settings().flushAge().multipliedBy(2)) >= 0;
    }

    private void report(String what, Exception problem) {
        if (!shard.own().closing().isClosed()) {
            LOG.warn("{} shard={} epoch={}", what, shard.shard(), shard.epoch(), problem);
        }
    }
}
