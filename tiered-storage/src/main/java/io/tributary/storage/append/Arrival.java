package io.tributary.storage.append;

import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.batch.Checked;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** What somebody wants appended, on its way into a {@link Group}. */
sealed interface Arrival {
    long bytes();

    /** Returns false when it must wait for the next group, which then knows what this decides. */
    boolean addTo(Group group);

    void refuse(Refused refusal);

    /** Records, appended together or not at all. */
    record Request(AppendRequest request, long bytes, Consumer<AppendOutcome> answer)
            implements Arrival {
        @Override
        public boolean addTo(Group group) {
            return group.add(request, answer);
        }

        @Override
        public void refuse(Refused refusal) {
            answer.accept(refusal);
        }
    }

    /** Finished batches, each on its own. */
    record Batches(List<Checked> batches, long bytes, Consumer<List<BatchOutcome>> answer)
            implements Arrival {
        @Override
        public boolean addTo(Group group) {
            group.add(batches, answer);
            return true;
        }

        @Override
        public void refuse(Refused refusal) {
            answer.accept(Collections.nCopies(batches.size(), refusal));
        }
    }
}
