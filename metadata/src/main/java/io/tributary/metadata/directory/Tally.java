package io.tributary.metadata.directory;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Changes records together with the record that counts them: a count is exact however many change
 * it at once, and a limit is never passed. Thread-safe; blocks.
 */
final class Tally {
    private static final int MAX_TRIES = 100;

    /** Changes within this process wait for each other, instead of failing and trying again. */
    private static final int LOCKS = 64;

    private final VersionedRecords records;
    private final List<ReentrantLock> locks =
            IntStream.range(0, LOCKS).mapToObj(i -> new ReentrantLock()).toList();

    Tally(VersionedRecords records) {
        this.records = records;
    }

    /**
     * What is counted; stored as {@code number weight} in ASCII, nothing at all for none.
     *
     * @param number of records
     * @param weight the sum of what each of them weighs
     */
    record Counts(int number, int weight) {
        static final Counts NONE = new Counts(0, 0);

        Counts plus(int more, int weighing) {
            return new Counts(number + more, weight + weighing);
        }

        byte[] toBytes() {
            return (number + " " + weight).getBytes(StandardCharsets.US_ASCII);
        }

        static Counts read(String path, byte[] value) throws IOException {
            String text = new String(value, StandardCharsets.US_ASCII);
            String[] numbers = text.split(" ", -1);
            try {
                return text.isEmpty()
                        ? NONE
                        : new Counts(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException("metadata record " + path + " is damaged: " + text, e);
            }
        }
    }

    /**
     * What is to be done about the counts as they are.
     *
     * @param changes none leaves everything as it is
     */
    record Step<T>(T answer, Counts counts, List<Change> changes) {
        /** Changes nothing. */
        static <T> Step<T> none(T answer) {
            return new Step<>(answer, Counts.NONE, List.of());
        }
    }

    /** Decides by the counts, and by what else it reads; runs again after a conflict. */
    @FunctionalInterface
    interface Decision<T> {
        Step<T> decide(Counts now) throws IOException;
    }

    /** The counts of a record; empty where there is none. */
    Optional<Counts> read(String path) throws IOException {
        Optional<VersionedRecord> record = records.read(path);
        return record.isEmpty()
                ? Optional.empty()
                : Optional.of(Counts.read(path, record.get().value()));
    }

    /**
     * Changes records and their count together, or nothing.
     *
     * @return the decision's answer; empty where there is no such count
     */
    <T> Optional<T> change(String path, Decision<T> decision) throws IOException {
        ReentrantLock lock = locks.get(Math.floorMod(path.hashCode(), LOCKS));
        lock.lock();
        try {
            for (int i = 0; i < MAX_TRIES; i++) {
                Optional<VersionedRecord> record = records.read(path);
                if (record.isEmpty()) {
                    return Optional.empty();
                }
                Step<T> step = decision.decide(Counts.read(path, record.get().value()));
                if (step.changes().isEmpty()) {
                    return Optional.of(step.answer());
                }
                List<Change> all = new ArrayList<>(step.changes());
                int version = record.get().version();
                all.add(new Change.Replace(path, step.counts().toBytes(), version));
                if (apply(all)) {
                    return Optional.of(step.answer());
                }
            }
        } finally {
            lock.unlock();
        }
        throw new IOException("metadata record " + path + " changes too fast");
    }

    /** Makes all the changes or none, and before them the folders they need. */
    boolean apply(List<Change> changes) throws IOException {
        if (records.apply(changes)) {
            return true;
        }
        boolean made = false;
        for (Change change : changes) {
            String folder = Paths.parent(change.path());
            if (change instanceof Change.Create
                    && Paths.isFolder(folder)
                    && records.read(folder).isEmpty()) {
                // Whoever else makes it at this moment serves as well.
                records.apply(List.of(new Change.Create(folder, new byte[0])));
                made = true;
            }
        }
        return made && records.apply(changes);
    }
}
