package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Shards.FlushReport;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.Compactions;
import io.tributary.storage.state.Timetable;
import io.tributary.storage.state.Timetable.Waiting;
import io.tributary.storage.state.Upkeep.Logged;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves a shard's records from its log into objects. Used by one thread at a time; blocks. */
final class Flush {
    private static final Logger LOG = LoggerFactory.getLogger(Flush.class);

    /** Partitions looked at in one go, so that other work has its turn. */
    private static final int AT_ONCE = 2_000;

    /** How soon a partition is looked at again whose settings could not be read. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** How soon what waits is added up again after it was too little to be moved. */
    private static final Duration RECOUNT = Duration.ofSeconds(1);

    /** How soon a partition is looked at that is not moved for its age, should that change. */
    private static final Duration SWEEP = Duration.ofHours(1);

    private final ShardContext shard;
    private final Uploads uploads;
    private final Timetable timetable;
    private final Expiry expiry;
    private final LogCopy copy;
    private final Compactions compactions;
    private long recountMillis = Long.MIN_VALUE;

    Flush(ShardContext shard, Uploads uploads, Timetable timetable, Expiry expiry) {
        this.shard = shard;
        this.uploads = uploads;
        this.timetable = timetable;
        this.expiry = expiry;
        copy = new LogCopy(shard);
        compactions = new Compactions(shard.own().state());
    }

    /** Moves what is due by size or age; empty when nothing is. */
    Optional<FlushReport> due() throws IOException {
        Optional<FlushReport> bySize = dueBySize();
        return bySize.isPresent() ? bySize : dueByAge();
    }

    /**
     * Records that expire before they are old enough to be moved only count when they alone fill
     * half of what may wait for the object store.
     */
    private Optional<FlushReport> dueBySize() throws IOException {
        StorageSettings settings = shard.node().settings();
        long waiting = shard.own().state().loggedBytes();
        if (waiting < settings.flushBytes() || shard.nowMillis() < recountMillis) {
            return Optional.empty();
        }
        List<Logged> lasting = lasting();
        if (lasting.stream().mapToLong(Logged::bytes).sum() >= settings.flushBytes()) {
            return Optional.of(run(lasting));
        }
        if (waiting >= settings.backlogBytes() / 2) {
            return Optional.of(all());
        }
        recountMillis = shard.nowMillis() + RECOUNT.toMillis();
        return Optional.empty();
    }

    private Optional<FlushReport> dueByAge() throws IOException {
        long now = shard.nowMillis();
        long flushAge = shard.node().settings().flushAge().toMillis();
        Set<PartitionId> old = new HashSet<>();
        boolean nodeAge = false;
        for (Waiting waiting : timetable.flushDue(now, now + RETRY.toMillis(), AT_ONCE)) {
            Optional<PartitionSettings> settings = settings(waiting.partition());
            if (settings.filter(this::expiresFirst).isPresent()) {
                timetable.flushAt(waiting.partition(), now + SWEEP.toMillis());
                continue;
            }
            long segmentAge = settings.map(Flush::segmentMillis).orElse(flushAge);
            long due = waiting.sinceMillis() + Math.min(flushAge, segmentAge);
            if (due > now) {
                timetable.flushAt(waiting.partition(), due);
            } else if (now - waiting.sinceMillis() >= flushAge) {
                nodeAge = true;
            } else {
                old.add(waiting.partition());
            }
        }
        if (nodeAge) {
            return Optional.of(run(lasting()));
        }
        return old.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        run(
                                shard.own().upkeep().logged().stream()
                                        .filter(logged -> old.contains(logged.partition()))
                                        .toList()));
    }

    /** Kafka's rule: what must be compacted soon must be moved soon. */
    private static long segmentMillis(PartitionSettings settings) {
        long longest =
                settings.compaction()
                        .flatMap(PartitionSettings.Compaction::maxLag)
                        .map(Duration::toMillis)
                        .orElse(Long.MAX_VALUE);
        return Math.min(settings.segmentAge().toMillis(), longest);
    }

    /** Moves everything that is durable by now and has not expired. */
    FlushReport all() throws IOException {
        return run(shard.own().upkeep().logged());
    }

    /** What waits in the log, without what expires before it is old enough to be moved. */
    private List<Logged> lasting() throws IOException {
        List<Logged> lasting = new ArrayList<>();
        for (Logged logged : shard.own().upkeep().logged()) {
            if (settings(logged.partition()).filter(this::expiresFirst).isEmpty()) {
                lasting.add(logged);
            }
        }
        return lasting;
    }

    private boolean expiresFirst(PartitionSettings settings) {
        return settings.deleteExpired()
                && settings.retention()
                        .filter(kept -> kept.compareTo(shard.node().settings().flushAge()) <= 0)
                        .isPresent();
    }

    /** What has expired is removed, not moved. */
    private List<Logged> unexpired(List<Logged> logged) throws IOException {
        Map<PartitionId, Long> starts =
                expiry.expire(logged.stream().map(Logged::partition).toList());
        List<Logged> left = new ArrayList<>();
        for (Logged one : logged) {
            long start = starts.getOrDefault(one.partition(), Long.MIN_VALUE);
            one.from(start).ifPresent(left::add);
        }
        return left;
    }

    private FlushReport run(List<Logged> waiting) throws IOException {
        List<Logged> logged = unexpired(waiting);
        Map<PartitionId, PartitionSettings> known = new HashMap<>();
        for (Logged partition : logged) {
            settings(partition.partition())
                    .ifPresent(found -> known.put(partition.partition(), found));
        }
        int objects = 0;
        int segments = 0;
        long bytes = 0;
        List<List<Packing.Piece>> plan =
                Packing.plan(
                        logged,
                        id ->
                                known.containsKey(id)
                                        ? known.get(id).segmentBytes()
                                        : Packing.OBJECT_BYTES);
        for (List<Packing.Piece> pieces : plan) {
            ObjectWriter.Written written =
                    uploads.upload(0, writer -> copy.write(pieces, known::get, writer));
            shard.own().counts().flushed(written.sizeBytes());
            objects++;
            segments += written.segments().size();
            bytes += written.sizeBytes();
            LOG.info(
                    "object stored shard={} epoch={} object={} segments={} bytes={} progress={}/{}",
                    shard.shard(),
                    shard.epoch(),
                    written.id().name(),
                    written.segments().size(),
                    written.sizeBytes(),
                    objects,
                    plan.size());
        }
        known.forEach(this::lookAtCompaction);
        return new FlushReport(objects, segments, bytes);
    }

    private void lookAtCompaction(PartitionId partition, PartitionSettings settings) {
        if (settings.compaction().isPresent()) {
            compactions.lookAt(partition, shard.nowMillis());
        }
    }

    private Optional<PartitionSettings> settings(PartitionId partition) throws IOException {
        return shard.node().topics().of(partition.topic());
    }
}
