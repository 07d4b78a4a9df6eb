package io.tributary.ingest.group;

import io.tributary.ingest.UnusedShard;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchRequest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.function.Consumer;

/** A shard whose answers to appends are given by hand. */
final class ManualShard extends UnusedShard {
    private record Waiting(ByteBuffer batch, Consumer<List<BatchOutcome>> answer) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    Optional<BatchOutcome> atOnce = Optional.empty();
    int epoch = 1;
    long end;

    /** Answers the oldest append. */
    ByteBuffer answer(BatchOutcome outcome) {
        Waiting oldest = waiting.remove();
        oldest.answer().accept(List.of(outcome));
        return oldest.batch();
    }

    void stored(long baseOffset) {
        ByteBuffer _ = answer(new BatchOutcome.Stored(baseOffset, OptionalLong.empty(), 0, false));
    }

    int waiting() {
        return waiting.size();
    }

    @Override
    public void append(BatchRequest request, Consumer<List<BatchOutcome>> answer) {
        if (atOnce.isPresent()) {
            answer.accept(List.of(atOnce.get()));
        } else {
            waiting.add(new Waiting(request.parts().getFirst().batch(), answer));
        }
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public Offsets offsets(PartitionId partition) {
        return new Offsets(0, end);
    }
}
