package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.log.MemoryLedgerStore;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendOutcome.Unknown;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchOutcome.Invalid;
import io.tributary.storage.BatchOutcome.Stored;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.batch.ClientBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchAppendTest {
    private static final long PRODUCER = 4_711;

    @TempDir Path folder;
    private World world;
    private PartitionId a;
    private PartitionId b;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        b = world.topic(2);
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private long now() {
        return world.now.get().toEpochMilli();
    }

    private ByteBuffer plain(String... values) {
        return ClientBatch.plain(CompressionType.GZIP, now()).values(values);
    }

    private ByteBuffer produced(int epoch, int sequence, String... values) {
        return ClientBatch.of(PRODUCER, epoch, sequence, now()).values(values);
    }

    private BatchRequest.Part batch(PartitionId partition, ByteBuffer batch) {
        return new BatchRequest.Part(partition, world.settings.get(partition.topic()), batch);
    }

    private CompletableFuture<List<BatchOutcome>> begin(BatchRequest.Part... parts)
            throws IOException {
        CompletableFuture<List<BatchOutcome>> outcomes = new CompletableFuture<>();
        world.shard().append(new BatchRequest(List.of(parts)), outcomes::complete);
        return outcomes;
    }

    private List<BatchOutcome> send(BatchRequest.Part... parts) throws Exception {
        return begin(parts).get(10, TimeUnit.SECONDS);
    }

    private BatchOutcome send(PartitionId partition, ByteBuffer batch) throws Exception {
        return send(batch(partition, batch)).getFirst();
    }

    private static void stored(long offset, boolean duplicate, BatchOutcome outcome) {
        Stored stored = assertInstanceOf(Stored.class, outcome);
        assertEquals(offset, stored.baseOffset());
        assertEquals(duplicate, stored.duplicate());
    }

    private static void flawed(Flaw flaw, BatchOutcome outcome) {
        assertEquals(flaw, assertInstanceOf(Invalid.class, outcome).flaw());
    }

    @Test
    void batchIsServedAsItCameButForItsPlace() throws Exception {
        world.append(a, "before");
        ByteBuffer sent = plain("one", "two");
        stored(1, false, send(a, sent.asReadOnlyBuffer()));
        ByteBuffer served = world.shard().fetch(a, 1, 1).batches().getFirst();
        assertEquals(sent.slice(16, sent.limit() - 16), served.slice(16, served.limit() - 16));
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(served).batches().iterator().next();
        assertEquals(world.manifests.current().epoch(), batch.partitionLeaderEpoch());
        assertEquals(1, batch.baseOffset());
        world.append(a, "after");
        assertEquals(List.of("before", "one", "two", "after"), world.read(a, 0));
    }

    @Test
    void eachBatchOfARequestIsStoredOrRefusedOnItsOwn() throws Exception {
        PartitionId gone = world.topic(3);
        world.shards.removeTopics(List.of(gone.topic()), Why.TOPIC_DELETED);
        List<BatchOutcome> outcomes =
                send(
                        batch(a, plain("one")),
                        batch(b, plain("bad").putInt(17, 0)),
                        batch(gone, plain("gone")),
                        batch(b, plain("two", "three")));
        stored(0, false, outcomes.getFirst());
        flawed(Flaw.CORRUPT_MESSAGE, outcomes.get(1));
        assertEquals(
                Reason.PARTITION_GONE, assertInstanceOf(Refused.class, outcomes.get(2)).reason());
        stored(0, false, outcomes.getLast());
        assertEquals(List.of("one"), world.read(a, 0));
        assertEquals(List.of("two", "three"), world.read(b, 0));
    }

    @Test
    void answersTellAppendTimeAndLogStart() throws Exception {
        PartitionSettings usual = world.settings.get(a.topic());
        world.settings.put(
                a.topic(),
                new PartitionSettings(
                        usual.maxMessageBytes(),
                        usual.compression(),
                        Timestamps.of(TimestampType.LOG_APPEND_TIME),
                        true,
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        usual.segmentBytes(),
                        usual.segmentAge()));
        long at = now();
        ByteBuffer first = produced(0, 0, "one", "two");
        assertEquals(new Stored(0, OptionalLong.of(at), 0, false), send(a, first));
        world.shard().deleteRecords(a, OptionalLong.of(1));
        world.pass(Duration.ofSeconds(9));
        assertEquals(new Stored(0, OptionalLong.of(at), 1, true), send(a, first));
        assertEquals(new Stored(0, OptionalLong.empty(), 0, false), send(b, plain("x")));
    }

    @Test
    void largestBatchesShareNoEntryThatALedgerWouldNotTake() throws Exception {
        PartitionSettings usual = world.settings.get(a.topic());
        byte[] large = new byte[10 << 20];
        new SplittableRandom(1).nextBytes(large);
        String value =
                new String(large, java.nio.charset.StandardCharsets.ISO_8859_1)
                        .replaceAll("[^ -~]", "_");
        world.settings.put(
                a.topic(),
                new PartitionSettings(
                        12 << 20,
                        usual.compression(),
                        usual.timestamps(),
                        true,
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        usual.segmentBytes(),
                        usual.segmentAge()));
        List<CompletableFuture<List<BatchOutcome>>> outcomes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            outcomes.add(
                    begin(batch(a, ClientBatch.plain(CompressionType.NONE, now()).values(value))));
            outcomes.add(begin(batch(b, plain("small"))));
        }
        for (CompletableFuture<List<BatchOutcome>> outcome : outcomes) {
            assertInstanceOf(Stored.class, outcome.get(20, TimeUnit.SECONDS).getFirst());
        }
        world.shards.flush();
        world.restart();
        world.shards.dropLocalCache();
        assertEquals(List.of(value, value, value, value), world.read(a, 0));
    }

    @Test
    void repeatedBatchesHaveTheOffsetsTheyHadWhateverBecameOfTheRecords() throws Exception {
        for (int i = 0; i < 5; i++) {
            stored(2L * i, false, send(a, produced(0, 2 * i, "x" + i, "y" + i)));
        }
        sameAgain();
        world.restart();
        sameAgain();
        world.shards.flush();
        sameAgain();
        world.restart();
        sameAgain();
        world.shard().deleteRecords(a, OptionalLong.empty());
        world.shards.flush();
        world.restart();
        sameAgain();
        assertEquals(new Offsets(10, 10), world.shard().offsets(a));
        stored(10, false, send(a, produced(0, 10, "next")));
        flawed(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, send(a, produced(0, 0, "x0", "y0")));
    }

    private void sameAgain() throws Exception {
        for (int i = 0; i < 5; i++) {
            stored(2L * i, true, send(a, produced(0, 2 * i, "x" + i, "y" + i)));
        }
        flawed(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, send(a, produced(0, 11, "gap")));
    }

    @Test
    void orderIsKeptForEachPartitionAndEpoch() throws Exception {
        stored(0, false, send(a, produced(1, 0, "one")));
        stored(0, false, send(b, produced(1, 7, "other")));
        flawed(Flaw.INVALID_PRODUCER_EPOCH, send(a, produced(0, 1, "old")));
        flawed(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, send(a, produced(2, 1, "new")));
        stored(1, false, send(a, produced(2, 0, "new")));
        stored(1, false, send(b, produced(1, 8, "other")));
        flawed(Flaw.INVALID_PRODUCER_EPOCH, send(a, produced(1, 1, "old")));
        assertEquals(List.of("one", "new"), world.read(a, 0));
    }

    @Test
    void sequencesBeginAgainBehindTheLargest() throws Exception {
        stored(0, false, send(a, produced(0, Integer.MAX_VALUE - 1, "m", "n", "o")));
        world.restart();
        stored(0, true, send(a, produced(0, Integer.MAX_VALUE - 1, "m", "n", "o")));
        stored(3, false, send(a, produced(0, 1, "p")));
    }

    @Test
    void fiveUnderWayAreCheckedAgainstEachOtherAndAnsweredWhenDurable() throws Exception {
        Held held = new Held();
        world.close();
        world.ledgers = new MemoryLedgerStore(world.disk, held);
        world.start();
        held.hold();
        List<CompletableFuture<List<BatchOutcome>>> sent = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sent.add(begin(batch(a, produced(0, i, "v" + i))));
        }
        var again = begin(batch(a, produced(0, 0, "v0")));
        var last = begin(batch(a, produced(0, 4, "v4")));
        var gap = begin(batch(a, produced(0, 6, "v6")));
        assertFalse(sent.getFirst().isDone() || again.isDone());
        held.release();
        for (int i = 0; i < 5; i++) {
            stored(i, false, sent.get(i).get(10, TimeUnit.SECONDS).getFirst());
        }
        stored(0, true, again.get(10, TimeUnit.SECONDS).getFirst());
        stored(4, true, last.get(10, TimeUnit.SECONDS).getFirst());
        flawed(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, gap.get(10, TimeUnit.SECONDS).getFirst());
        assertEquals(List.of("v0", "v1", "v2", "v3", "v4"), world.read(a, 0));
    }

    /** Lets writes become durable only when it is told to; always in their order. */
    private static final class Held implements java.util.concurrent.Executor {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private boolean holding;
        private boolean running;

        synchronized void hold() {
            holding = true;
        }

        @Override
        public void execute(Runnable task) {
            synchronized (this) {
                waiting.add(task);
            }
            run();
        }

        void release() {
            synchronized (this) {
                holding = false;
            }
            run();
        }

        /** One thread at a time. */
        private void run() {
            while (true) {
                Runnable next;
                synchronized (this) {
                    if (holding || running || waiting.isEmpty()) {
                        return;
                    }
                    next = waiting.remove();
                    running = true;
                }
                next.run();
                synchronized (this) {
                    running = false;
                }
            }
        }
    }

    @Test
    void batchOfUnknownFateIsFoundOutByItsRetry() throws Exception {
        FaultyLedgers ledgers = new FaultyLedgers(world.ledgers);
        world.close();
        world.ledgers = ledgers;
        world.start();
        stored(0, false, send(a, produced(0, 0, "one")));
        ledgers.both(FaultyLedgers.Fault.SYNC);
        assertInstanceOf(Unknown.class, send(a, produced(0, 1, "two")));
        ledgers.both(FaultyLedgers.Fault.NONE);
        world.restart();
        stored(1, false, send(a, produced(0, 1, "two")));
        stored(0, true, send(a, produced(0, 0, "one")));
        assertEquals(List.of("one", "two"), world.read(a, 0));
    }

    @Test
    void idlePartitionKnowsItsProducersUntilTheyExpire() throws Exception {
        world.close();
        world.byHand = Optional.of(new HandScheduler(() -> world.now.get()));
        world.start();
        stored(0, false, send(a, produced(0, 0, "one", "two")));
        world.shards.flush();
        for (int i = 0; i < 10; i++) {
            world.tick(Duration.ofHours(2));
        }
        stored(0, true, send(a, produced(0, 0, "one", "two")));
        world.restart();
        stored(0, true, send(a, produced(0, 0, "one", "two")));
        flawed(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, send(a, produced(0, 9, "gap")));
        world.tick(Duration.ofHours(5));
        stored(2, false, send(a, produced(0, 9, "as if new")));
        assertTrue(world.read(a, 0).contains("as if new"));
    }
}
