package io.tributary.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TailCacheTest {
    private static final int LARGEST = 6 << 20;

    /** Small rings, and one of more than one piece. */
    @ParameterizedTest
    @ValueSource(ints = {700, 16 << 10, 9 << 20})
    void whatIsThereIsWhatWasAddedAndTheNewestIsThere(int budget) {
        Random random = new Random(budget);
        TailCache cache = new TailCache(budget);
        TreeMap<Long, byte[]> added = new TreeMap<>();
        for (long entry = 0; entry < 300; entry++) {
            byte[] bytes = new byte[random.nextInt(Math.min(LARGEST, budget / 2))];
            random.nextBytes(bytes);
            added.put(entry, bytes);
            ByteBuffer from = ByteBuffer.allocate(bytes.length + 3).put(3, bytes).position(3);
            cache.add(at(entry), from);
            assertEquals(bytes.length, from.remaining());

            assertEquals(Optional.of(ByteBuffer.wrap(bytes)), get(cache, entry, bytes));
            long oldest = Math.max(0, entry - 10);
            long kept = 0;
            for (long i = oldest; i <= entry; i++) {
                byte[] wanted = added.get(i);
                Optional<ByteBuffer> found = get(cache, i, wanted);
                assertTrue(found.isPresent() || kept == 0, "an older one is there");
                if (found.isPresent()) {
                    kept += wanted.length;
                    assertEquals(ByteBuffer.wrap(wanted), found.get());
                    int part = wanted.length / 3;
                    assertEquals(
                            ByteBuffer.wrap(wanted).slice(part, part),
                            cache.get(at(i), part, part).orElseThrow());
                }
            }
            assertTrue(cache.sizeBytes() <= budget);
        }
        cache.forget(Set.of(1L));
        assertEquals(0, cache.sizeBytes());
        assertEquals(Optional.empty(), cache.get(at(299), 0, 0));
    }

    private static Optional<ByteBuffer> get(TailCache cache, long entry, byte[] bytes) {
        return cache.get(at(entry), 0, bytes.length);
    }

    private static LogPosition at(long entry) {
        return new LogPosition(1, entry);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000})
    void whatIsLargerThanAllThereIsIsLeftOut(int budget) {
        TailCache cache = new TailCache(budget);
        cache.add(at(0), ByteBuffer.allocate(10));
        cache.add(at(1), ByteBuffer.allocate(budget + 1));
        assertEquals(Optional.empty(), cache.get(at(1), 0, 1));
        assertEquals(budget == 1_000, cache.get(at(0), 0, 1).isPresent());
        cache.forget(List.of());
    }
}
