package io.tributary.storage.tiering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.TierSettings;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.state.Levels.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MergePlanTest {
    private static final TierSettings FOUR = new TierSettings(3, 4, Duration.ofHours(1));
    private static final long NOW = 1_800_000_000_000L;
    private static final long MINUTE = 60_000;

    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(4);

    private Held held(int level, long ageMillis, int first, int last, long bytes) {
        return new Held(
                ObjectId.make(new ShardId(0), 1, level, NOW - ageMillis, random),
                bytes,
                partition(first),
                partition(last));
    }

    private static PartitionId partition(int number) {
        return new PartitionId(new TopicId(new UUID(1, number)), 0);
    }

    private List<Held> fresh(int count, int level, int first, int last) {
        List<Held> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            objects.add(held(level, (count - i) * MINUTE, first, last, 1_000));
        }
        return objects;
    }

    @Test
    void enoughObjectsOfALevelAreMergedTheOldestFirst() {
        List<Held> objects = fresh(4, 0, 1, 9);
        assertEquals(objects, MergePlan.due(objects.reversed(), FOUR, NOW));
        assertEquals(List.of(), MergePlan.due(objects.subList(0, 3), FOUR, NOW));
    }

    @Test
    void objectsOfDifferentLevelsAreNotMerged() {
        List<Held> objects = new ArrayList<>(fresh(3, 0, 1, 9));
        objects.addAll(fresh(3, 1, 1, 9));
        assertEquals(List.of(), MergePlan.due(objects, FOUR, NOW));
    }

    @Test
    void objectsWithoutACommonPartitionAreNotMerged() {
        List<Held> left = fresh(3, 1, 1, 4);
        List<Held> right = fresh(4, 1, 5, 9);
        List<Held> all = new ArrayList<>(left);
        all.addAll(right);
        assertEquals(right, MergePlan.due(all, FOUR, NOW));
    }

    @Test
    void fewAreMergedOnceTheOldestIsOldForItsLevel() {
        List<Held> low = List.of(held(0, 61 * MINUTE, 1, 2, 10), held(0, 5 * MINUTE, 1, 2, 10));
        assertEquals(low, MergePlan.due(low, FOUR, NOW));
        List<Held> high = List.of(held(1, 61 * MINUTE, 1, 2, 10), held(1, 5 * MINUTE, 1, 2, 10));
        assertEquals(List.of(), MergePlan.due(high, FOUR, NOW));
        assertEquals(high, MergePlan.due(high, FOUR, NOW + 3 * 60 * MINUTE));
        assertEquals(List.of(), MergePlan.due(low.subList(0, 1), FOUR, NOW));
    }

    @Test
    void largeObjectOfOnePartitionAndTheHighestLevelStay() {
        List<Held> own = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            own.add(held(0, MINUTE, 3, 3, Packing.OWN_OBJECT_BYTES));
        }
        assertEquals(List.of(), MergePlan.due(own, FOUR, NOW));
        assertEquals(List.of(), MergePlan.due(fresh(9, TierSettings.MAX_LEVEL, 1, 9), FOUR, NOW));
    }

    @Test
    void mergeIsBoundedInObjectsAndBytes() {
        assertEquals(MergePlan.MERGE_OBJECTS, MergePlan.due(fresh(500, 0, 1, 9), FOUR, NOW).size());
        List<Held> large = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            large.add(held(0, MINUTE, 1, 9, MergePlan.MERGE_BYTES / 3));
        }
        assertEquals(3, MergePlan.due(large, FOUR, NOW).size());
    }

    @Test
    void nameSaysLevelAndAge() {
        ObjectId made = ObjectId.make(new ShardId(5), 9, 4, NOW, random);
        ObjectId read = ObjectId.parse(made.key()).orElseThrow();
        assertEquals(made, read);
        assertEquals(4, read.level());
        assertEquals(NOW, read.madeAtMillis());
        assertEquals(8, read.unique().version());
        assertEquals(2, read.unique().variant());
    }
}
