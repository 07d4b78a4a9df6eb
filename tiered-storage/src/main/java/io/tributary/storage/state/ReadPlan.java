package io.tributary.storage.state;

import io.tributary.storage.Shard.Offsets;
import java.util.List;

/** Where a reader finds the batches it asked for. */
public sealed interface ReadPlan {
    Offsets offsets();

    /** The offset is not among those that can be read. */
    record OutOfRange(Offsets offsets) implements ReadPlan {}

    /** The reader is at the high watermark. */
    record AtEnd(Offsets offsets) implements ReadPlan {}

    /** Read these batches from the log. */
    record FromLog(Offsets offsets, List<BatchRef> batches) implements ReadPlan {}

    /** Read from this segment. */
    record FromObject(Offsets offsets, StoredSegment segment) implements ReadPlan {}
}
