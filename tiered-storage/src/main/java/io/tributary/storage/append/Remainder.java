package io.tributary.storage.append;

import io.tributary.storage.AppendRequest.Ordinals;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.NewRecord;
import io.tributary.storage.log.Command.OrdinalRun;
import io.tributary.storage.state.EarlierTry;
import java.util.ArrayList;
import java.util.List;

/** What of a tagged part is to be appended: what no earlier try has stored. */
final class Remainder {
    private final List<NewRecord> records = new ArrayList<>();

    /** Their ordinals; offsets count from the first of the records. */
    private final List<OrdinalRun> runs = new ArrayList<>(1);

    Remainder(Part part, EarlierTry.Part earlier) {
        Ordinals ordinals = part.ordinals().orElseThrow();
        var known = earlier.runs().iterator();
        OrdinalRun run = new OrdinalRun(0, 0, 0);
        for (int i = 0; i < ordinals.taken().length; i++) {
            if (ordinals.taken()[i] >= earlier.same()) {
                return;
            }
            long ordinal = ordinals.first() + ordinals.taken()[i];
            while (run.end() <= ordinal && known.hasNext()) {
                run = known.next().run();
            }
            if (ordinal < run.ordinal() || ordinal >= run.end()) {
                add(ordinal, part.records().get(i));
            }
        }
    }

    private void add(long ordinal, NewRecord record) {
        records.add(record);
        if (!runs.isEmpty() && runs.getLast().end() == ordinal) {
            OrdinalRun last = runs.removeLast();
            runs.add(new OrdinalRun(last.ordinal(), last.baseOffset(), last.count() + 1));
        } else {
            runs.add(new OrdinalRun(ordinal, records.size() - 1, 1));
        }
    }

    List<NewRecord> records() {
        return records;
    }

    /** How many runs of ordinals they are. */
    int runs() {
        return runs.size();
    }

    /** Their offsets when the first of them gets this one. */
    List<OrdinalRun> at(long baseOffset) {
        return runs.stream()
                .map(
                        run ->
                                new OrdinalRun(
                                        run.ordinal(), baseOffset + run.baseOffset(), run.count()))
                .toList();
    }
}
