package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.PartOffsets;
import io.tributary.storage.AppendOutcome.PartRun;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.NewRecord;
import io.tributary.storage.Tries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that come again and are not taken in the same way, or are not the same. */
class RetryTest {
    private static final int SEEDS = 300;
    private static final int TRIES = 4;
    private static final int MOST_RECORDS = 24;

    @TempDir Path folder;
    private World world;
    private PartitionId a;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private static PartOffsets appended(AppendOutcome outcome) {
        return assertInstanceOf(Appended.class, outcome).parts().getFirst();
    }

    private static List<Long> offsets(PartOffsets offsets, int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> offsets.find(n).map(run -> run.offsetOf(n)).orElse(-1L))
                .toList();
    }

    private static List<NewRecord> numbered(int count) {
        return IntStream.range(0, count).mapToObj(n -> World.record("" + n)).toList();
    }

    @Test
    void refusedRecordIsAHoleThatARetryFills() throws Exception {
        List<NewRecord> request = numbered(4);
        PartOffsets first =
                appended(world.retry(1, 0, world.tries(a, n -> n != 1, request).part(4)));
        assertEquals(List.of(0L, -1L, 1L, 2L), offsets(first, 4));
        world.append(a, "other");

        PartOffsets again = appended(world.retry(1, 0, world.tries(a, n -> true, request).part(4)));

        assertEquals(List.of(0L, 4L, 1L, 2L), offsets(again, 4));
        assertEquals(List.of("0", "2", "3", "other", "1"), world.read(a, 0));
    }

    @Test
    void storedRecordIsFoundAlsoWhereItIsRefusedNow() throws Exception {
        List<NewRecord> request = numbered(4);
        world.retry(1, 0, world.tries(a, n -> n < 3, request).part(4));

        PartOffsets again =
                appended(world.retry(1, 0, world.tries(a, n -> n == 3, request).part(4)));

        assertEquals(List.of(0L, 1L, 2L, 3L), offsets(again, 4));
        assertEquals(List.of("0", "1", "2", "3"), world.read(a, 0));
    }

    @Test
    void requestOfWhichNothingIsTakenIsNotRemembered() throws Exception {
        for (int i = 0; i <= world.storage.maxRetryKeysPerTenant(); i++) {
            PartOffsets none =
                    appended(world.retry(i, 0, world.tries(a, n -> false, numbered(1)).part(1)));
            assertEquals(List.of(-1L), offsets(none, 1));
        }
        assertEquals(List.of(0L), offsets(appended(world.retry(a, 1, 0, 0, "x")), 1));
    }

    /** What a partition and an Idempotency-Key should hold. */
    private static final class Model {
        private final Map<Integer, Long> offsets = new TreeMap<>();
        private final List<String> partition = new ArrayList<>();

        void append(String value) {
            partition.add(value);
        }
    }

    @Test
    void everyRecordIsStoredOnceHoweverTheTriesAreTakenAndCut() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            PartitionId partition = world.topic(100 + seed);
            List<NewRecord> request = numbered(1 + random.nextInt(MOST_RECORDS));
            Model model = new Model();
            for (int i = 0; i < TRIES; i++) {
                attempt("seed " + seed, 1_000 + seed, partition, request, model, random);
                if (random.nextInt(20) == 0) {
                    world.shards.flush();
                }
                if (random.nextInt(20) == 0) {
                    world.restart();
                }
            }
            assertEquals(model.partition, world.read(partition, 0), "seed " + seed);
        }
    }

    /** A prefix of the request, in parts, some of which another writer comes between. */
    private void attempt(
            String about,
            long key,
            PartitionId partition,
            List<NewRecord> request,
            Model model,
            Random random)
            throws Exception {
        boolean[] taken = new boolean[request.size()];
        for (int n = 0; n < taken.length; n++) {
            taken[n] = random.nextInt(3) > 0;
        }
        int end = 1 + random.nextInt(request.size());
        Tries now = world.tries(partition, n -> taken[n], request);
        while (now.next() < end) {
            int first = now.next();
            int count = 1 + random.nextInt(end - first);
            PartOffsets answer = appended(world.retry(key, 0, now.part(count)));
            assertEquals(count, answer.same(), about);
            for (int n = first; n < first + count; n++) {
                if (taken[n] && !model.offsets.containsKey(n)) {
                    model.offsets.put(n, (long) model.partition.size());
                    model.append("" + n);
                }
                assertEquals(
                        Optional.ofNullable(model.offsets.get(n)),
                        at(answer, n - first),
                        about + " record " + n);
            }
            if (random.nextInt(4) == 0) {
                world.append(partition, "other");
                model.append("other");
            }
        }
    }

    private static Optional<Long> at(PartOffsets answer, int n) {
        return answer.find(n).map(run -> run.offsetOf(n));
    }

    @Test
    void whatDiffersIsNotStoredHoweverTheTryIsCut() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            PartitionId partition = world.topic(100 + seed);
            int known = 1 + random.nextInt(MOST_RECORDS);
            int differing = random.nextInt(known);
            List<NewRecord> request = numbered(known + 5);
            Tries first = world.tries(partition, n -> true, request);
            while (first.next() < known) {
                world.retry(seed, 0, first.part(1 + random.nextInt(known - first.next())));
            }
            if (seed % 20 == 0) {
                world.shards.flush();
                world.restart();
            }
            List<NewRecord> changed = new ArrayList<>(request);
            changed.set(differing, World.record("another"));

            Tries second = world.tries(partition, n -> true, changed);
            while (second.next() < changed.size()) {
                int from = second.next();
                int count = 1 + random.nextInt(changed.size() - from);
                AppendOutcome outcome = world.retry(seed, 0, second.part(count));
                if (outcome instanceof Refused no) {
                    assertEquals(Reason.RETRY_OUT_OF_ORDER, no.reason());
                    assertTrue(from > differing);
                } else {
                    int same = Math.clamp(differing - from, 0, count);
                    assertEquals(same, appended(outcome).same(), "seed " + seed);
                    for (int n = 0; n < count; n++) {
                        assertEquals(n < same, at(appended(outcome), n).isPresent());
                    }
                }
            }
            assertEquals(known, world.read(partition, 0).size(), "seed " + seed);
        }
    }

    @Test
    void differenceInALongRequestIsFoundWithinAFewRecords() throws Exception {
        int size = 10_000;
        int differing = 7_777;
        int turn = 100;
        List<NewRecord> request = numbered(size);
        Tries first = world.tries(a, n -> true, request);
        while (first.next() < size) {
            world.retry(1, 0, first.part(turn));
        }
        world.shards.flush();
        world.restart();
        List<NewRecord> changed = new ArrayList<>(request);
        changed.set(differing, World.record("another"));

        Tries second = world.tries(a, n -> true, changed);
        while (second.next() < differing - differing % turn) {
            assertEquals(turn, appended(world.retry(1, 0, second.part(turn))).same());
        }
        int same = second.next() + appended(world.retry(1, 0, second.part(turn))).same();

        assertTrue(same <= differing && same > differing - 4, same + " before " + differing);
        assertEquals(0, appended(world.retry(1, 0, second.part(turn))).same());
        assertEquals(size, world.shard().offsets(a).highWatermark());
    }

    @Test
    void keyThatHasAsManyRunsAsItMayGetsNoMoreAndKnowsThemStill() throws Exception {
        int turn = 20_000;
        List<NewRecord> request = numbered(4 * turn * 2);
        Tries first = world.tries(a, n -> n % 2 == 0, request);
        PartRun last = null;
        for (int i = 0; i < 6; i++) {
            last = appended(world.retry(1, 0, first.part(turn))).runs().getLast();
        }
        AppendOutcome full = world.retry(1, 0, first.part(turn));
        assertEquals(Reason.RETRY_KEY_FULL, assertInstanceOf(Refused.class, full).reason());

        Tries second = world.tries(a, n -> n % 2 == 0, request);
        second.part(5 * turn);
        assertEquals(last, appended(world.retry(1, 0, second.part(turn))).runs().getLast());
        assertEquals(6 * turn / 2, world.shard().offsets(a).highWatermark());
    }

    @Test
    void recordWhoseOnlyDifferenceIsItsKeyDiffers() throws Exception {
        byte[] value = "v".getBytes(StandardCharsets.UTF_8);
        NewRecord keyed = new NewRecord(NewRecord.NO_TIMESTAMP, value, value, List.of());
        NewRecord other = new NewRecord(NewRecord.NO_TIMESTAMP, null, value, List.of());
        world.retry(1, 0, world.tries(a, n -> true, List.of(keyed)).part(1));
        PartOffsets again =
                appended(world.retry(1, 0, world.tries(a, n -> true, List.of(other)).part(1)));
        assertEquals(0, again.same());
        assertEquals(1, world.shard().offsets(a).highWatermark());
    }
}
