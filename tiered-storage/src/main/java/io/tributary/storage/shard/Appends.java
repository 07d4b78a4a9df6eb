package io.tributary.storage.shard;

import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchOutcome.Invalid;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.batch.BatchCheck;
import io.tributary.storage.batch.Checked;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.tiering.ShardContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What is asked of a request before it may join an open shard's queue. */
record Appends(ShardContext.Node node, DiskReserve reserve) {
    /** Of all batches of a request together. */
    private static final int MAX_NAMED_RECORDS = 1_000;

    private static final Refused BACKLOG_FULL =
            new Refused(Reason.BACKLOG_FULL, Duration.ofSeconds(5));
    static final Refused STORAGE_FULL = new Refused(Reason.STORAGE_FULL, Duration.ofSeconds(5));

    void append(ShardContext.Own own, AppendRequest request, Consumer<AppendOutcome> answer) {
        long bytes = request.sizeBytes();
        Optional<Refused> full = full(own, bytes);
        if (full.isPresent()) {
            answer.accept(full.get());
        } else {
            own.sequencer().append(request, bytes, answer);
        }
    }

    void append(ShardContext.Own own, BatchRequest request, Consumer<List<BatchOutcome>> answer) {
        long bytes = request.sizeBytes();
        Optional<Refused> full = full(own, bytes);
        if (full.isPresent()) {
            refuse(request, full.get(), answer);
            return;
        }
        long nowMillis = node.environment().clock().millis();
        List<Checked> batches = new ArrayList<>(request.parts().size());
        int maxNamed = MAX_NAMED_RECORDS;
        for (BatchRequest.Part part : request.parts()) {
            Checked checked = BatchCheck.check(part, nowMillis, maxNamed);
            if (checked instanceof Checked.Flawed(Invalid outcome)) {
                maxNamed -= outcome.records().size();
            }
            batches.add(checked);
        }
        own.sequencer().append(batches, bytes, answer);
    }

    static void refuse(BatchRequest request, Refused refusal, Consumer<List<BatchOutcome>> answer) {
        answer.accept(Collections.nCopies(request.parts().size(), refusal));
    }

    private Optional<Refused> full(ShardContext.Own own, long bytes) {
        if (!reserve.admits(bytes)) {
            return Optional.of(STORAGE_FULL);
        }
        return own.state().loggedBytes() >= node.settings().backlogBytes()
                ? Optional.of(BACKLOG_FULL)
                : Optional.empty();
    }
}
