package io.tributary.storage.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.compaction.KeyMap.Put;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class KeyMapTest {
    private static final PartitionId ONE = new PartitionId(new TopicId(new UUID(1, 2)), 0);
    private static final PartitionId TWO = new PartitionId(new TopicId(new UUID(1, 2)), 1);

    private static ByteBuffer key(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
    }

    @Test
    void largestOffsetOfEveryKeyIsFoundAgainHoweverManyThereAre() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        KeyMap map = new KeyMap(8 << 20);
        map.begin(ONE);
        Map<String, Long> model = new HashMap<>();
        for (long i = 0; i < 300_000; i++) {
            String key = "key-" + random.nextInt(100_000);
            long offset = random.nextInt(1 << 20);
            Put put = map.put(key(key), offset);
            assertEquals(model.containsKey(key) ? Put.KNOWN : Put.NEW, put);
            model.merge(key, offset, Math::max);
        }
        assertEquals(model.size(), map.size());
        model.forEach((key, offset) -> assertEquals(offset, map.newest(key(key))));
        assertEquals(-1, map.newest(key("nobody's")));
    }

    @Test
    void fullMapTakesNoOtherKeyButNewerOffsets() {
        KeyMap map = new KeyMap(1 << 10);
        map.begin(ONE);
        int taken = 0;
        while (map.put(key("k" + taken), taken) != Put.FULL) {
            taken++;
        }
        assertTrue(taken >= 24, "three quarters of the slots that fit: " + taken);
        assertEquals(Put.KNOWN, map.put(key("k0"), 1_000));
        assertEquals(1_000, map.newest(key("k0")));
        assertEquals(-1, map.newest(key("k" + taken)));
        assertEquals(taken, map.size());
    }

    @Test
    void sameKeyOfAnotherPartitionIsAnother() {
        KeyMap map = new KeyMap(1 << 10);
        map.begin(ONE);
        map.put(key("a"), 7);
        map.begin(TWO);
        assertEquals(-1, map.newest(key("a")));
        assertEquals(Put.NEW, map.put(key("a"), 3));
        map.begin(ONE);
        assertEquals(7, map.newest(key("a")));
        assertNotEquals(3, map.newest(key("a")));
    }
}
