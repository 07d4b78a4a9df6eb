package io.tributary.ingest.door;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Word that the service stops, for whoever holds a request open for long: they finish what they
 * have and end it, so that their clients know where they are. Thread-safe.
 */
public final class Stopping {
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Set<Word> waiting = ConcurrentHashMap.newKeySet();

    /** What one waits for; closing it calls it off. */
    public final class Word implements AutoCloseable {
        private final Runnable task;
        private final AtomicBoolean given = new AtomicBoolean();

        private Word(Runnable task) {
            this.task = task;
        }

        private void give() {
            if (given.compareAndSet(false, true)) {
                task.run();
            }
        }

        @Override
        public void close() {
            given.set(true);
            waiting.remove(this);
        }
    }

    /** Whether the stop has begun. */
    public boolean begun() {
        return begun.get();
    }

    /** Runs a short task once when the stop begins, or at once where it has begun. */
    public Word then(Runnable task) {
        Word word = new Word(task);
        waiting.add(word);
        if (begun.get()) {
            word.give();
        }
        return word;
    }

    /** Begins the stop and gives the word to all who wait for it. */
    public void begin() {
        begun.set(true);
        waiting.forEach(Word::give);
    }
}
