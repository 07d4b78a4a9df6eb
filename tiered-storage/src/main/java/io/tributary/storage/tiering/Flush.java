package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Shards.FlushReport;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.Upkeep.Logged;
import io.tributary.storage.state.Upkeep.LoggedSince;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
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

    private final ShardContext shard;
    private final Uploads uploads;

    Flush(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        this.uploads = uploads;
    }

    /** Moves what is due by size or age; empty when nothing is. */
    Optional<FlushReport> due() throws IOException {
        if (shard.own().state().loggedBytes() >= shard.node().settings().flushBytes()) {
            return Optional.of(all());
        }
        Set<PartitionId> old = new HashSet<>();
        boolean nodeAge = false;
        for (LoggedSince logged : shard.own().upkeep().loggedSince()) {
            Duration age = Duration.ofMillis(shard.nowMillis() - logged.sinceMillis());
            if (age.compareTo(shard.node().settings().flushAge()) >= 0) {
                nodeAge = true;
            } else if (settings(logged.partition())
                    .filter(s -> age.compareTo(s.segmentAge()) >= 0)
                    .isPresent()) {
                old.add(logged.partition());
            }
        }
        if (nodeAge) {
            return Optional.of(all());
        }
        return old.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        run(
                                shard.own().upkeep().logged().stream()
                                        .filter(logged -> old.contains(logged.partition()))
                                        .toList()));
    }

    /** Moves everything that is durable by now. */
    FlushReport all() throws IOException {
        return run(shard.own().upkeep().logged());
    }

    private FlushReport run(List<Logged> logged) throws IOException {
        Map<PartitionId, Long> segmentBytes = new HashMap<>();
        for (Logged partition : logged) {
            segmentBytes.put(
                    partition.partition(),
                    settings(partition.partition())
                            .map(PartitionSettings::segmentBytes)
                            .orElse(Packing.OBJECT_BYTES));
        }
        int objects = 0;
        int segments = 0;
        long bytes = 0;
        List<List<Packing.Piece>> plan = Packing.plan(logged, segmentBytes::get);
        for (List<Packing.Piece> pieces : plan) {
            ObjectWriter.Written written = uploads.upload(writer -> write(pieces, writer));
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
        return new FlushReport(objects, segments, bytes);
    }

    private void write(List<Packing.Piece> pieces, ObjectWriter writer) throws IOException {
        ShardLog log = shard.own().log();
        LogPosition at = null;
        ByteBuffer entry = null;
        for (Packing.Piece piece : pieces) {
            writer.beginSegment(piece.partition());
            for (BatchRef batch : piece.batches()) {
                if (!batch.at().equals(at)) {
                    at = batch.at();
                    entry = log.read(at);
                }
                writer.append(entry.slice(batch.position(), batch.length()));
            }
            writer.endSegment();
        }
    }

    private Optional<PartitionSettings> settings(PartitionId partition) throws IOException {
        return shard.node().topics().of(partition.topic());
    }
}
