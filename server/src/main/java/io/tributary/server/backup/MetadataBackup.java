package io.tributary.server.backup;

import io.tributary.kernel.time.Scheduler;
import io.tributary.metadata.backup.BackupName;
import io.tributary.metadata.backup.BackupWriter;
import io.tributary.metadata.backup.Lineage;
import io.tributary.metadata.backup.TreeCopy;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.server.backup.StoredBackups.Listed;
import io.tributary.storage.object.ObjectStoreException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a copy of the metadata in the object store: a change is there within a second when the last
 * copy is old enough, else as soon as it is. Old copies go by number and by age, so that what was
 * deleted leaves them, too. Looks out for whoever was restored from this store meanwhile: then this
 * node's time is over. While the store is away nothing else is disturbed. Thread-safe.
 */
public final class MetadataBackup {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataBackup.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int KEPT = 8;
    private static final Duration KEPT_FOR = Duration.ofHours(24);

    /** A large copy is followed by a rest so many times as long as it took. */
    private static final int REST = 20;

    /** The longest rest, in intervals. */
    private static final int LONGEST_REST = 10;

    private final StoredBackups backups;
    private final TreeCopy copy;
    private final Lineage own;
    private final Clock clock;
    private final Duration interval;
    private final Path draft;
    private final ReentrantLock working = new ReentrantLock();
    private Instant nextCopy = Instant.MIN;
    private Instant nextLook = Instant.MIN;
    private long sequence;
    private boolean over;
    private volatile Optional<Instant> newest = Optional.empty();
    private volatile Optional<Instant> pendingSince = Optional.empty();

    /** The time, and who wakes us. */
    public record Clock(InstantSource now, Scheduler scheduler) {}

    /**
     * Copies these records.
     *
     * @param interval the least time between two copies
     * @param draft file for a copy on its way
     */
    public MetadataBackup(
            VersionedRecords records,
            StoredBackups backups,
            Lineage own,
            Clock clock,
            Duration interval,
            Path draft) {
        this.backups = backups;
        this.own = own;
        this.clock = clock;
        this.interval = interval;
        this.draft = draft;
        copy = new TreeCopy(records);
    }

    /** Begins; calls back once when another has taken the store over. */
    public void start(Runnable superseded) {
        clock.scheduler().after(TICK, () -> tick(superseded));
    }

    private void tick(Runnable superseded) {
        boolean taken = false;
        working.lock();
        try {
            if (over) {
                return;
            }
            Instant now = clock.now().instant();
            if (copy.pending() && pendingSince.isEmpty()) {
                pendingSince = Optional.of(now);
            }
            taken = work(now);
            over = taken;
        } catch (IOException e) {
            LOG.warn("metadata not backed up, will try again problem={}", e.getMessage());
        } finally {
            working.unlock();
        }
        if (taken) {
            superseded.run();
        } else {
            clock.scheduler().after(TICK, () -> tick(superseded));
        }
    }

    /** Does what is due; true when another has taken the store over. */
    private boolean work(Instant now) throws IOException {
        boolean due = copy.pending() && !now.isBefore(nextCopy);
        if (!due && now.isBefore(nextLook)) {
            return false;
        }
        nextLook = now.plus(interval);
        nextCopy = due ? nextLook : nextCopy;
        backups.check();
        List<Listed> there = backups.list();
        if (superseded(there)) {
            return true;
        }
        if (due) {
            write(now, there);
        } else if (newest.isEmpty() && !there.isEmpty()) {
            newest = Optional.of(there.getLast().storedAt());
        }
        prune(there, now);
        return false;
    }

    /** Whether another node was restored from this object store. Blocks on the store. */
    public boolean superseded() throws IOException {
        return superseded(backups.list());
    }

    private boolean superseded(List<Listed> there) {
        Optional<Listed> other = there.stream().filter(b -> own.supersededBy(b.name())).findFirst();
        other.ifPresent(
                backup ->
                        LOG.error(
                                "another node was restored from this object store, this one stops"
                                        + " backup={}",
                                backup.name().key()));
        return other.isPresent();
    }

    private void write(Instant now, List<Listed> there) throws IOException {
        for (Listed listed : there) {
            if (listed.name().generation() == own.generation()) {
                sequence = Math.max(sequence, listed.name().sequence() + 1);
            }
        }
        BackupName name = new BackupName(own.generation(), sequence, own.life());
        boolean stored = false;
        long bytes;
        try {
            bytes = write(name, now);
            stored = true;
        } finally {
            Files.deleteIfExists(draft);
            if (!stored) {
                pendingSince = pendingSince.or(() -> Optional.of(now));
                copy.retry();
            }
        }
        sequence++;
        newest = Optional.of(now);
        pendingSince = Optional.empty();
        Duration took = Duration.between(now, clock.now().instant());
        Duration rest = took.multipliedBy(REST);
        Duration longest = interval.multipliedBy(LONGEST_REST);
        Instant rested = now.plus(rest.compareTo(longest) < 0 ? rest : longest);
        nextCopy = rested.isAfter(nextCopy) ? rested : nextCopy;
        LOG.info("metadata backed up backup={} bytes={} took={}", name.key(), bytes, took);
    }

    /** Stores a copy; returns its bytes. */
    private long write(BackupName name, Instant now) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(draft))) {
            BackupWriter writer = new BackupWriter(out, name, now.toEpochMilli());
            copy.writeTo(writer);
            writer.finish();
        }
        try {
            backups.put(name, draft);
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.EXISTS) {
                sequence++;
            }
            throw e;
        }
        return Files.size(draft);
    }

    /** Removes all but the newest few, and of those what is too old, but never the newest. */
    private void prune(List<Listed> before, Instant now) throws IOException {
        List<BackupName> old = new ArrayList<>();
        int kept = KEPT;
        for (Listed listed : before.reversed()) {
            kept--;
            boolean newestOfAll = listed.equals(before.getLast());
            boolean aged = Duration.between(listed.storedAt(), now).compareTo(KEPT_FOR) > 0;
            if (kept < 0 || (aged && !newestOfAll)) {
                old.add(listed.name());
            }
        }
        if (!old.isEmpty()) {
            backups.delete(old);
        }
    }

    /** Copies what has changed, once; for an orderly stop. Blocks. */
    public void finish() {
        working.lock();
        try {
            if (!over && copy.pending()) {
                nextCopy = Instant.MIN;
                work(clock.now().instant());
            }
            over = true;
        } catch (IOException e) {
            LOG.warn("metadata not backed up before the stop problem={}", e.getMessage());
        } finally {
            working.unlock();
        }
    }

    /** When the newest copy was made; empty while none is known. */
    public Optional<Instant> newest() {
        return newest;
    }

    /** Since when a change waits to be copied; empty when none does. */
    public Optional<Instant> pendingSince() {
        Optional<Instant> since = pendingSince;
        return since.isEmpty() && copy.pending() ? Optional.of(clock.now().instant()) : since;
    }
}
