package io.tributary.storage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The same history, once with every partition thawed all the time, once with partitions frozen
 * whenever that can be, and once taken over from snapshots: nobody can tell which is which.
 */
class FreezingTest {
    private static final int SEEDS = 40;
    private static final int STEPS = 250;
    private static final int TOPICS = 90;
    private static final Duration WINDOW = Duration.ofHours(1);

    @Test
    void frozenThawedAndReloadedPartitionsAnswerTheSame() {
        int frozen = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            frozen += new History(seed).run();
        }
        assertTrue(frozen > SEEDS * TOPICS, "hardly anything was frozen");
    }

    private static byte[] bytes(ShardState state) {
        ByteBuffer bytes = state.snapshot(new LogPosition(1, 1)).encode();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    /** One history, and the states that follow it. */
    private static final class History {
        private final SplittableRandom random;
        private final List<ShardState> states = new ArrayList<>();
        private final Map<TopicId, PartitionSettings> settings = new TreeMap<>();
        private final List<PartitionId> partitions = new ArrayList<>();
        private final LogPosition at = new LogPosition(1, 1);
        private long now = 1_000_000;
        private int objects;
        private int frozen;

        private History(long seed) {
            random = new SplittableRandom(seed);
            for (int i = 0; i < 3; i++) {
                states.add(new ShardState(WINDOW, WINDOW));
            }
            for (int i = 0; i < TOPICS; i++) {
                TopicId topic = new TopicId(new UUID(random.nextLong(), random.nextLong()));
                settings.put(topic, settings());
                partitions.add(new PartitionId(topic, random.nextInt(3)));
            }
        }

        private int run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                now += random.nextInt(1 << random.nextInt(16));
                if (random.nextInt(4) == 0) {
                    states.get(1).freezeIdle(random.nextBoolean() ? now : Long.MAX_VALUE);
                }
                if (random.nextInt(20) == 0) {
                    // A snapshot is taken when everything before it is durable.
                    states.forEach(ShardState::allDurable);
                    ShardState again = new ShardState(WINDOW, WINDOW);
                    again.load(states.get(2).snapshot(at).encode());
                    states.set(2, again);
                    // It looks at everything, so the others do.
                    lookAtAll();
                    expire();
                }
                compare();
            }
            return frozen;
        }

        private void step() {
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3, 4 -> append();
                case 5, 6 -> flush();
                case 7 -> merge();
                case 8, 9 -> expire();
                case 10 -> deleteRecords();
                case 11 -> changeSettings();
                case 12 -> deleteGarbage();
                default -> removeTopic();
            }
        }

        private void log(List<Command> commands) {
            states.forEach(state -> state.replay(at, new LogEntry(now, commands)));
        }

        private void log(Command command) {
            log(List.of(command));
            if (random.nextInt(5) > 0) {
                states.forEach(ShardState::allDurable);
            }
        }

        private PartitionId any() {
            return partitions.get(random.nextInt(partitions.size()));
        }

        private void append() {
            for (int i = random.nextInt(20); i >= 0; i--) {
                PartitionId id = any();
                long base = states.getFirst().nextOffset(id);
                log(new Command.BatchAppended(id, 9, batch(base, now - random.nextInt(10_000))));
            }
        }

        private ByteBuffer batch(long base, long timestamp) {
            int size = 61 + random.nextInt(100);
            return ByteBuffer.allocate(size)
                    .putLong(0, base)
                    .putInt(8, size - 12)
                    .put(16, (byte) 2)
                    .putInt(23, random.nextInt(5))
                    .putLong(35, timestamp)
                    .putLong(43, random.nextInt(-1, 4))
                    .putShort(51, (short) random.nextInt(3))
                    .putInt(53, random.nextInt(100));
        }

        private ObjectId object(int level) {
            return ObjectId.make(
                    new ShardId(0), 1, level, objects++, new java.util.Random(objects));
        }

        private void flush() {
            states.forEach(ShardState::allDurable);
            List<SegmentInfo> segments = new ArrayList<>();
            for (Upkeep.Logged logged : new Upkeep(states.getFirst()).logged()) {
                if (random.nextInt(8) > 0) {
                    List<BatchRef> batches = logged.batches();
                    segments.add(
                            new SegmentInfo(
                                    logged.partition(),
                                    batches.getFirst().baseOffset(),
                                    batches.getLast().endOffset(),
                                    0,
                                    logged.bytes(),
                                    logged.bytes(),
                                    40,
                                    batches.getLast().maxTimestamp()));
                }
            }
            if (!segments.isEmpty()) {
                log(new Command.SegmentsStored(object(0), 1_000, segments));
            }
        }

        private void merge() {
            Set<ObjectId> inputs = new HashSet<>();
            List<ObjectId> used =
                    new ArrayList<>(
                            new Levels(states.getFirst())
                                    .objects().stream()
                                            .map(Levels.Held::object)
                                            .sorted(java.util.Comparator.comparing(ObjectId::key))
                                            .toList());
            for (ObjectId object : used) {
                if (random.nextInt(3) == 0) {
                    inputs.add(object);
                }
            }
            List<Levels.Run> runs = same(state -> new Levels(state).runs(inputs));
            List<SegmentInfo> segments = new ArrayList<>();
            for (Levels.Run run : runs) {
                assertEquals(Optional.of(run), same(state -> new Levels(state).left(run)));
                SegmentInfo first = run.segments().getFirst().info();
                SegmentInfo last = run.segments().getLast().info();
                segments.add(
                        new SegmentInfo(
                                run.partition(),
                                Math.max(run.logStart(), first.startOffset()),
                                last.endOffset(),
                                0,
                                first.lengthBytes() + last.lengthBytes(),
                                0,
                                40,
                                last.maxTimestamp()));
            }
            if (!segments.isEmpty()) {
                log(new Command.SegmentsStored(object(1), 2_000, segments));
            }
        }

        private void expire() {
            List<Command> moves = new ArrayList<>();
            same(this::starts)
                    .forEach(
                            (id, start) ->
                                    moves.add(new Command.LogStartMoved(id, start, Why.RETENTION)));
            if (!moves.isEmpty()) {
                log(moves);
            }
            // A start looks again at all objects that are read, and at no others.
            Set<String> unwanted = unwantedCopies(states.getFirst());
            assertEquals(unwanted, unwantedCopies(states.get(1)));
            unwanted.retainAll(new Upkeep(states.getFirst()).known().live().keySet());
            assertTrue(unwantedCopies(states.get(2)).containsAll(unwanted));
        }

        private SortedMap<PartitionId, Long> starts(ShardState state) {
            Timetable timetable = new Timetable(state);
            SortedMap<PartitionId, Long> starts = new TreeMap<>();
            List<PartitionId> due;
            do {
                due = timetable.retentionDue(now, now + 5_000, 10);
                for (PartitionId id : due) {
                    PartitionSettings wanted = settings.get(id.topic());
                    OptionalLong start =
                            wanted == null ? OptionalLong.empty() : timetable.look(id, wanted, now);
                    start.ifPresent(offset -> starts.put(id, offset));
                }
            } while (!due.isEmpty());
            return starts;
        }

        private static Set<String> unwantedCopies(ShardState state) {
            return new Timetable(state)
                    .unwantedCopies().stream()
                            .map(ObjectId::key)
                            .collect(java.util.stream.Collectors.toSet());
        }

        private void deleteRecords() {
            PartitionId id = any();
            long end = new Reads(states.getFirst()).offsets(id).highWatermark();
            log(new Command.LogStartMoved(id, random.nextLong(end + 1), Why.RECORDS_DELETED));
        }

        private PartitionSettings settings() {
            return new PartitionSettings(
                    1 << 20,
                    Codec.NONE,
                    Timestamps.of(TimestampType.CREATE_TIME),
                    true,
                    random.nextInt(3) == 0
                            ? Optional.empty()
                            : Optional.of(Duration.ofMillis(random.nextInt(1 << 20))),
                    random.nextInt(3) == 0
                            ? OptionalLong.of(random.nextInt(2_000))
                            : OptionalLong.empty(),
                    random.nextInt(3) == 0
                            ? Optional.of(Duration.ofMillis(random.nextInt(1 << 18)))
                            : Optional.empty(),
                    OptionalLong.empty(),
                    1 << 30,
                    Duration.ofDays(7));
        }

        private void changeSettings() {
            TopicId topic = any().topic();
            settings.put(topic, settings());
            Optional<Set<TopicId>> changed =
                    random.nextInt(4) == 0 ? Optional.empty() : Optional.of(Set.of(topic));
            states.forEach(state -> new Timetable(state).settingsChanged(changed, now));
        }

        private void lookAtAll() {
            states.forEach(state -> new Timetable(state).settingsChanged(Optional.empty(), now));
        }

        private void deleteGarbage() {
            log(new Command.ObjectsDeleted(new Upkeep(states.getFirst()).garbage()));
        }

        private void removeTopic() {
            PartitionId id = partitions.remove(random.nextInt(partitions.size()));
            settings.remove(id.topic());
            log(new Command.TopicRemoved(id.topic(), Why.TOPIC_DELETED));
            TopicId topic = new TopicId(new UUID(random.nextLong(), random.nextLong()));
            settings.put(topic, settings());
            partitions.add(new PartitionId(topic, random.nextInt(3)));
        }

        /** Asks all states, which must answer the same. */
        private <T> T same(Function<ShardState, T> question) {
            T answer = question.apply(states.getFirst());
            for (ShardState state : states.subList(1, states.size())) {
                assertEquals(answer, question.apply(state));
            }
            return answer;
        }

        private void compare() {
            frozen += states.get(1).partitions.count() - states.get(1).partitions.thawed().size();
            assertEquals(
                    ByteBuffer.wrap(bytes(states.getFirst())),
                    ByteBuffer.wrap(bytes(states.get(1))));
            PartitionId id = any();
            long offset = random.nextLong(20);
            same(state -> new Reads(state).offsets(id));
            same(state -> new Reads(state).plan(id, offset, 200));
            same(state -> state.nextOffset(id));
            long producer = random.nextInt(4);
            same(state -> state.producer(id, producer, now));
            same(ShardState::loggedBytes);
            same(state -> new Reads(state).segments(id, offset, 3));
            same(state -> new Upkeep(state).counts());
            same(state -> new Upkeep(state).known());
            same(state -> Set.copyOf(new Upkeep(state).rewritable()));
            same(state -> Set.copyOf(new Upkeep(state).garbage()));
            same(state -> new Upkeep(state).oldestLogged());
            same(state -> new Salvage(state).partition(id));
            same(state -> Set.copyOf(new Levels(state).objects()).size());
            same(state -> new Levels(state).objectsByLevel());
        }
    }
}
