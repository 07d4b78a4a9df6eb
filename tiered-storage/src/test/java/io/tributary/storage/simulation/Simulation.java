package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Receipt;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.segment.ObjectFooter;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.shard.NodeShards;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * One life of a shard under faults, from one seed: clients, an operator and a nemesis first; then
 * everything is healed and must work again, hold what was promised, and leave nothing behind.
 */
final class Simulation {
    private static final int TROUBLES = 12;
    private static final int PRODUCERS = 3;
    private static final int IDEMPOTENT_PRODUCERS = 2;
    private static final int READERS = 2;
    private static final int HEALED_WITHIN_MILLIS = 60_000;
    private static final long CONFIRMED_WITHIN_MILLIS = 5_000;

    private final Trace trace = new Trace();
    private final Machine machine;
    private final Universe universe;
    private final Path folder;

    Simulation(long seed, Path folder) {
        this.folder = folder;
        machine = new Machine(seed, trace);
        universe = new Universe(machine, folder);
    }

    /** What a run came to. */
    record Result(long checksum, long steps, long simulatedMillis, int acknowledged) {}

    Result run() throws IOException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        universe.clients.start(
                () -> {
                    live();
                    over.complete(null);
                });
        try {
            machine.run(over);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    e.getMessage()
                            + System.lineSeparator()
                            + universe.faults
                            + System.lineSeparator()
                            + trace,
                    e);
        } finally {
            delete(folder);
        }
        return new Result(
                trace.checksum(),
                machine.steps(),
                machine.nowMillis(),
                universe.history.acknowledged());
    }

    private void live() {
        topics();
        universe.startNode(false);
        List<Producer> producers = new ArrayList<>();
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            Producer producer = new Producer(universe, "p" + i);
            producers.add(producer);
            universe.clients.start(producer::run);
        }
        List<IdempotentProducer> idempotent = new ArrayList<>();
        for (int i = 0; i < IDEMPOTENT_PRODUCERS; i++) {
            IdempotentProducer producer = new IdempotentProducer(universe, i);
            idempotent.add(producer);
            universe.clients.start(producer::run);
        }
        for (int i = 0; i < READERS; i++) {
            Reader reader = new Reader(universe);
            readers.add(reader);
            universe.clients.start(reader::run);
        }
        new Nemesis(universe).run(1 + machine.random().nextInt(TROUBLES));
        producers.forEach(Producer::finish);
        idempotent.forEach(IdempotentProducer::finish);
        readers.forEach(Reader::finish);
        heal();
        worksAgain();
        holdsWhatWasPromised();
        leavesNothingBehind();
        accountsForWhatLeft();
        universe.current().kill();
        universe.startNode(true);
        new Reader(universe).readAll();
    }

    private void topics() {
        for (int i = 0; i < 4; i++) {
            Optional<Duration> retention =
                    i == 3 ? Optional.of(Duration.ofSeconds(5)) : Optional.empty();
            universe.history.add(universe.newTopic(retention), retention);
        }
        universe.history.addCompacted(universe.newCompactedTopic());
    }

    private void heal() {
        universe.faults.heal();
        universe.bucket.away = false;
        universe.ledgers.full = false;
        machine.note("healed");
    }

    private void worksAgain() {
        long deadline = machine.nowMillis() + HEALED_WITHIN_MILLIS;
        Producer producer = new Producer(universe, "last");
        for (PartitionId partition : universe.partitions()) {
            while (!producer.send(List.of(partition))) {
                if (machine.nowMillis() > deadline) {
                    machine.fail(new AssertionError("no append succeeds though all is healed"));
                    return;
                }
            }
        }
    }

    private void holdsWhatWasPromised() {
        new Reader(universe).readAll();
        atLast(NodeShards::flush);
        atLast(NodeShards::dropLocalCache);
        new Reader(universe).readAll();
    }

    private void leavesNothingBehind() {
        machine.pause(
                SimulatedObjects.LONGEST_MILLIS + 2 * universe.settings.orphanGrace().toMillis(),
                universe.clients);
        atLast(NodeShards::scrub);
        machine.pause(5_000, universe.clients);
        ScrubReport report = atLast(NodeShards::scrub);
        if (!report.wrong().nothing()
                || report.unexplained() != 0
                || report.causes().orphansInGrace() > 0
                || report.causes().orphansRemoved() > 0) {
            machine.fail(
                    new AssertionError(
                            "left behind: " + report + " in " + universe.bucket.objects.keySet()));
        }
        universe.bucket.objects.forEach(
                (key, stored) -> {
                    if (key.startsWith("objects/")) {
                        holdsNothingRemoved(key, stored.bytes());
                    }
                });
    }

    /** What a receipt calls gone is gone, and what went as a whole is confirmed soon. */
    private void accountsForWhatLeft() {
        for (Receipt receipt :
                atLast(
                        up ->
                                up.receipts(
                                        new Receipt.Query(
                                                0,
                                                Optional.empty(),
                                                Optional.empty(),
                                                Integer.MAX_VALUE)))) {
            boolean confirmed = receipt.confirmedAtMillis().isPresent();
            boolean part =
                    receipt.why() == Receipt.Why.RETENTION
                            || receipt.why() == Receipt.Why.RECORDS_DELETED
                            || receipt.why() == Receipt.Why.COMPACTED;
            boolean there =
                    receipt.objects().stream().anyMatch(universe.bucket.objects::containsKey);
            boolean late =
                    machine.nowMillis() - receipt.decidedAtMillis() > CONFIRMED_WITHIN_MILLIS;
            if (confirmed ? there : !part && late) {
                machine.fail(new AssertionError("not so: " + receipt));
            }
        }
    }

    private void holdsNothingRemoved(String key, byte[] bytes) {
        ByteBuffer tail =
                ByteBuffer.wrap(
                        bytes, bytes.length - ObjectFooter.TAIL_BYTES, ObjectFooter.TAIL_BYTES);
        int table = (int) ObjectFooter.tablePosition(tail.slice());
        for (SegmentInfo info :
                ObjectFooter.read(ByteBuffer.wrap(bytes, table, bytes.length - table).slice())) {
            if (!universe.topics.containsKey(info.partition().topic())) {
                machine.fail(new AssertionError(key + " still holds " + info));
            }
        }
    }

    private <T> T atLast(SimulatedNode.Call<T> call) {
        for (int i = 0; i < 100; i++) {
            Optional<T> answer =
                    universe.answer(universe.current().call(call), HEALED_WITHIN_MILLIS);
            if (answer.isPresent()) {
                return answer.get();
            }
            machine.pause(500, universe.clients);
        }
        throw new AssertionError("the node does not answer though all is healed");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
