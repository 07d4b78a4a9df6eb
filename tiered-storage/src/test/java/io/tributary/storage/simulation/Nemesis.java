package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.Receipt;
import io.tributary.storage.Shard;
import io.tributary.storage.shard.NodeShards;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Kills, stops and starts nodes, takes the store or the disk away, and does what operators do. */
final class Nemesis {
    private static final int LONGEST_PAUSE_MILLIS = 3_000;
    private static final int LONGEST_OUTAGE_MILLIS = 8_000;
    private static final int MOST_TOPICS = 8;

    private final Universe universe;
    private final Machine machine;

    Nemesis(Universe universe) {
        this.universe = universe;
        machine = universe.machine;
    }

    /** Makes trouble so many times; the calling simulated thread waits. */
    void run(int times) {
        for (int i = 0; i < times; i++) {
            machine.pause(machine.random().nextInt(LONGEST_PAUSE_MILLIS), universe.clients);
            switch (machine.random().nextInt(11)) {
                case 0, 1 -> killAndStart();
                case 2 -> takeOver();
                case 3 -> close();
                case 4 -> outage(true);
                case 5 -> outage(false);
                case 6 -> universe.ask(NodeShards::flush);
                case 7 -> universe.ask(NodeShards::dropLocalCache);
                case 8 -> universe.ask(NodeShards::scrub);
                case 9 -> deleteRecords();
                default -> changeTopics();
            }
        }
    }

    private void killAndStart() {
        universe.current().kill();
        machine.pause(machine.random().nextInt(500), universe.clients);
        universe.startNode(machine.oneIn(3));
    }

    /** Another node begins while the old one sleeps; then the old one wakes up. */
    private void takeOver() {
        SimulatedNode old = universe.current();
        if (machine.random().nextBoolean()) {
            old.stop();
        }
        universe.startNode(true);
        machine.pause(machine.random().nextInt(2_000), universe.clients);
        old.go();
        machine.after(machine.random().nextInt(LONGEST_OUTAGE_MILLIS), universe.network, old::kill);
    }

    private void close() {
        SimulatedNode old = universe.current();
        universe.ask(
                up -> {
                    up.close();
                    return true;
                });
        old.kill();
        universe.startNode(false);
    }

    private void outage(boolean ofStore) {
        set(ofStore, true);
        machine.after(
                machine.random().nextInt(LONGEST_OUTAGE_MILLIS),
                universe.network,
                () -> set(ofStore, false));
    }

    private void set(boolean ofStore, boolean away) {
        machine.note((ofStore ? "store away=" : "disk full=") + away);
        if (ofStore) {
            universe.bucket.away = away;
        } else {
            universe.ledgers.full = away;
        }
    }

    private void changeTopics() {
        List<PartitionId> partitions = universe.partitions();
        if (partitions.size() < MOST_TOPICS && machine.random().nextBoolean()) {
            Optional<Duration> retention =
                    machine.random().nextBoolean()
                            ? Optional.empty()
                            : Optional.of(Duration.ofMillis(machine.random().nextInt(10_000)));
            universe.history.add(universe.newTopic(retention), retention);
            return;
        }
        if (partitions.size() > 2) {
            remove(partitions.get(machine.random().nextInt(partitions.size())));
        }
    }

    private void deleteRecords() {
        List<PartitionId> partitions = universe.partitions();
        PartitionId partition = partitions.get(machine.random().nextInt(partitions.size()));
        universe.ask(up -> SimulatedNode.shard(up).offsets(partition))
                .ifPresent(offsets -> deleteRecords(partition, offsets));
    }

    private void deleteRecords(PartitionId partition, Shard.Offsets offsets) {
        long before = machine.random().nextLong(offsets.logStart(), offsets.highWatermark() + 1);
        machine.note("deleting records of " + partition + " before " + before);
        universe.history.mayBeDeleted(partition, before);
        universe.ask(
                        up ->
                                SimulatedNode.shard(up)
                                        .deleteRecords(partition, OptionalLong.of(before)))
                .filter(outcome -> outcome instanceof DeleteOutcome.Deleted)
                .ifPresent(deleted -> universe.history.deleted(partition, before));
    }

    private void remove(PartitionId partition) {
        machine.note("removing " + partition);
        universe.topics.remove(partition.topic());
        universe.history.removed(partition);
        while (universe.ask(
                        up -> {
                            up.removeTopics(List.of(partition.topic()), Receipt.Why.TOPIC_DELETED);
                            return true;
                        })
                .isEmpty()) {
            machine.pause(200, universe.clients);
            if (!universe.current().alive()) {
                universe.startNode(false);
            }
        }
        machine.note("removed " + partition);
    }
}
