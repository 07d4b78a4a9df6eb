package io.tributary.storage.simulation;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.time.Environment;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.Shard;
import io.tributary.storage.cache.CacheSettings;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.compaction.CompactionMemory;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.shard.NodeShards;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One run of a node: the real shards over simulated ledgers, object store, metadata and time. */
final class SimulatedNode {
    private static final ShardId SHARD = new ShardId(0);
    private static final long DISK_OUTLIVES_MILLIS = 2_000;

    /** What a client asks of a node. */
    interface Call<T> {
        T on(NodeShards shards) throws IOException;
    }

    private final Universe universe;
    private final SimulatedProcess process;
    private final SimulatedProcess disk;
    private Optional<NodeShards> shards = Optional.empty();

    SimulatedNode(Universe universe, String name) {
        this.universe = universe;
        process = new SimulatedProcess(name, universe.machine);
        disk = new SimulatedProcess(name + "-disk", universe.machine);
    }

    /** Opens the shards; the process ends by itself where that fails. */
    CompletableFuture<Boolean> start(Path folder) {
        CompletableFuture<Boolean> up = new CompletableFuture<>();
        process.start(
                () -> {
                    try {
                        shards = Optional.of(open(folder));
                        universe.machine.note(process + " is up");
                        up.complete(true);
                    } catch (CorruptDataException e) {
                        if (!universe.damageIsPossible()) {
                            universe.machine.fail(e);
                        }
                        up.complete(false);
                    } catch (IOException e) {
                        universe.machine.note(process + " does not start: " + e.getMessage());
                        up.complete(false);
                    }
                });
        return up;
    }

    private NodeShards open(Path folder) throws IOException {
        ObjectStore objects =
                new SimulatedObjects(
                        universe.bucket,
                        universe.machine,
                        universe.faults,
                        process,
                        universe.network);
        Environment environment =
                new Environment(
                        () -> Instant.ofEpochMilli(universe.machine.nowMillis()),
                        universe.machine.random(),
                        process.scheduler(),
                        process.threads());
        Caches caches =
                new Caches(
                        folder,
                        objects,
                        new CacheSettings(
                                4 << 20,
                                64 << 10,
                                CacheSettings.MIN_READ_AHEAD_BYTES,
                                universe.localCacheBytes,
                                16 << 20),
                        environment,
                        process::start);
        return NodeShards.open(
                new ShardContext.Node(
                        universe.settings,
                        topic -> Optional.ofNullable(universe.topics.get(topic)),
                        new SimulatedLedgers(
                                universe.ledgers, universe.machine, universe.faults, process, disk),
                        objects,
                        caches.local(),
                        caches.chunks(),
                        caches.segments(),
                        folder.resolve("snapshots"),
                        new CompactionMemory(universe.keyBytes),
                        environment),
                1,
                new SimulatedManifests(
                        universe.manifests, universe.machine, universe.faults, process),
                new TailCache(16 << 10),
                new DiskReserve(() -> Long.MAX_VALUE, 0, List.of(), process.scheduler()));
    }

    /** Runs on a thread of the node's; the result never comes from a dead one. */
    <T> CompletableFuture<T> call(Call<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        process.start(
                () -> {
                    try {
                        NodeShards up = shards.orElseThrow(() -> new IOException("not up"));
                        result.complete(call.on(up));
                    } catch (IOException e) {
                        result.completeExceptionally(e);
                    } catch (RuntimeException e) {
                        universe.machine.fail(e);
                    }
                });
        return result;
    }

    CompletableFuture<AppendOutcome> append(AppendRequest request) {
        CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
        asking(shard -> shard.append(request, answer -> answer(outcome, answer)), List.of(outcome));
        return outcome;
    }

    /** In this order, as over one connection. */
    List<CompletableFuture<List<BatchOutcome>>> append(List<BatchRequest> requests) {
        List<CompletableFuture<List<BatchOutcome>>> outcomes =
                requests.stream()
                        .map(request -> new CompletableFuture<List<BatchOutcome>>())
                        .toList();
        asking(
                shard -> {
                    for (int i = 0; i < requests.size(); i++) {
                        CompletableFuture<List<BatchOutcome>> outcome = outcomes.get(i);
                        shard.append(requests.get(i), answer -> answer(outcome, answer));
                    }
                },
                outcomes);
        return outcomes;
    }

    private <T> void asking(Consumer<Shard> question, List<CompletableFuture<T>> outcomes) {
        CompletableFuture<Boolean> asked =
                call(
                        up -> {
                            question.accept(up.shard(SHARD));
                            return true;
                        });
        var _ =
                asked.whenComplete(
                        (done, problem) -> {
                            if (problem != null) {
                                outcomes.forEach(outcome -> outcome.completeExceptionally(problem));
                            }
                        });
    }

    private <T> void answer(CompletableFuture<T> outcome, T answer) {
        if (process.alive()) {
            outcome.complete(answer);
        }
    }

    static Shard shard(NodeShards shards) throws IOException {
        return shards.shard(SHARD);
    }

    boolean alive() {
        return process.alive();
    }

    /** What was on its way to the disk may still arrive there, or not. */
    void kill() {
        universe.machine.note(process + " killed");
        process.kill();
        universe.machine.after(
                universe.machine.random().nextLong(DISK_OUTLIVES_MILLIS),
                universe.network,
                disk::kill);
    }

    void stop() {
        universe.machine.note(process + " stopped");
        process.stop();
    }

    void go() {
        universe.machine.note(process + " goes on");
        process.go();
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
