package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.Compaction;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.compaction.CompactionMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Everything that outlives a node's process, and who clients talk to. */
final class Universe {
    static final TenantId TENANT = new TenantId("t-aaaaaaaaaaaaaaaa");
    private static final int CLIENT_PATIENCE_MILLIS = 5_000;
    private static final int RESTART_MILLIS = 500;

    final Machine machine;
    final Faults faults;
    final Bucket bucket = new Bucket();
    final SimulatedLedgers.Truth ledgers = new SimulatedLedgers.Truth();
    final SimulatedManifests.Truth manifests = new SimulatedManifests.Truth();
    final Map<TopicId, PartitionSettings> topics = new TreeMap<>(byId());
    final History history;

    /** Never killed: what is on the wire, and the clients. */
    final SimulatedProcess network;

    final SimulatedProcess clients;
    final StorageSettings settings;
    final long localCacheBytes;
    final long keyBytes;
    private final Path folder;
    private Path cache;
    private SimulatedNode current;
    private int nodes;
    private int topicsMade;

    Universe(Machine machine, Path folder) {
        this.machine = machine;
        this.folder = folder;
        cache = folder.resolve("cache");
        faults = new Faults(machine.random());
        network = new SimulatedProcess("network", machine);
        clients = new SimulatedProcess("clients", machine);
        history = new History(machine);
        RandomGenerator random = machine.random();
        localCacheBytes = random.nextBoolean() ? 0 : 1 << random.nextInt(12, 22);
        keyBytes = random.nextBoolean() ? CompactionMemory.BUDGET_BYTES : 1 << 10;
        settings =
                new StorageSettings(
                        "simulated",
                        1 << random.nextInt(10, 15),
                        Duration.ofMillis(random.nextLong(500, 6_000)),
                        1 << random.nextInt(15, 20),
                        1 << random.nextInt(11, 15),
                        Duration.ofHours(1),
                        1_000,
                        Duration.ofDays(1),
                        Duration.ofSeconds(30),
                        new StorageSettings.Scrubbing(
                                Duration.ofSeconds(random.nextLong(5, 30)), 1 << 14),
                        new TierSettings(
                                random.nextInt(4),
                                random.nextInt(2, 5),
                                Duration.ofSeconds(random.nextLong(1, 20))));
    }

    private static java.util.Comparator<TopicId> byId() {
        return java.util.Comparator.comparing(TopicId::toString);
    }

    /** Whether damaged bytes may reach a reader twice in a row. */
    boolean damageIsPossible() {
        return faults.possible(Faults.Kind.OBJECT_BODY_FLIPPED)
                || faults.possible(Faults.Kind.OBJECT_BODY_CUT);
    }

    SimulatedNode current() {
        return current;
    }

    PartitionId newTopic(Optional<Duration> retention) {
        return newTopic(retention, Optional.empty());
    }

    /** A topic that keeps the newest record of every key; DeleteRecords may be asked of it, too. */
    PartitionId newCompactedTopic() {
        RandomGenerator random = machine.random();
        return newTopic(
                Optional.empty(),
                Optional.of(
                        new Compaction(
                                Duration.ofSeconds(machine.oneIn(4) ? random.nextInt(4) : 0),
                                machine.oneIn(2)
                                        ? Optional.empty()
                                        : Optional.of(Duration.ofSeconds(5)),
                                random.nextDouble() * 0.6,
                                Duration.ofSeconds(1))));
    }

    private PartitionId newTopic(Optional<Duration> retention, Optional<Compaction> compaction) {
        RandomGenerator random = machine.random();
        TopicId topic = new TopicId(new UUID(7, topicsMade++));
        topics.put(
                topic,
                new PartitionSettings(
                        1 << 20,
                        machine.oneIn(4) ? Codec.ZSTD : Codec.NONE,
                        Timestamps.of(TimestampType.CREATE_TIME),
                        true,
                        retention,
                        OptionalLong.empty(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        random.nextBoolean() ? 1 << 30 : 1 << 10,
                        Duration.ofDays(7),
                        compaction));
        return new PartitionId(topic, random.nextInt(3));
    }

    List<PartitionId> partitions() {
        return new ArrayList<>(history.partitions());
    }

    /** Starts nodes until one is up; the calling simulated thread waits. */
    void startNode(boolean freshDisk) {
        while (true) {
            SimulatedNode node = new SimulatedNode(this, "node-" + nodes++);
            if (freshDisk) {
                cache = folder.resolve("cache-" + node);
            } else {
                damageCache();
            }
            current = node;
            if (node.start(cache).join()) {
                return;
            }
            node.kill();
            machine.pause(RESTART_MILLIS, clients);
        }
    }

    /** Cached files are never synced: a crash leaves some of them cut, wrong or not at all. */
    private void damageCache() {
        if (!Files.exists(cache)) {
            return;
        }
        try (Stream<Path> all = Files.walk(cache)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                damage(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (machine.random().nextInt(12)) {
            case 0 -> Files.delete(file);
            case 1 -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            case 2 -> {
                if (bytes.length > 0) {
                    bytes[machine.random().nextInt(bytes.length)] ^= 4;
                    Files.write(file, bytes);
                }
            }
            default -> machine.note("kept " + file.getFileName());
        }
    }

    /**
     * Asks the current node; empty when it did not answer, in time or at all. The calling simulated
     * thread waits.
     */
    <T> Optional<T> ask(SimulatedNode.Call<T> call) {
        return answer(current.call(call));
    }

    <T> Optional<T> answer(CompletableFuture<T> result) {
        return answer(result, CLIENT_PATIENCE_MILLIS);
    }

    /** As long as it takes up to a time. */
    <T> Optional<T> answer(CompletableFuture<T> result, long patienceMillis) {
        try {
            return Optional.of(machine.await(result, patienceMillis, clients));
        } catch (io.tributary.kernel.fault.CorruptDataException e) {
            if (!damageIsPossible()) {
                machine.fail(e);
            }
            return Optional.empty();
        } catch (IOException | Machine.TimedOutException e) {
            machine.note("asked in vain: " + e.getMessage());
            return Optional.empty();
        } catch (Throwable e) {
            machine.fail(e);
            return Optional.empty();
        }
    }
}
