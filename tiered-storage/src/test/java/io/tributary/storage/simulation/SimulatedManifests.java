package io.tributary.storage.simulation;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.ShardManifest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The manifests as one process sees them; a change may take effect though it seems to fail. */
final class SimulatedManifests implements ManifestStore {
    private static final int LONGEST_MILLIS = 20;

    /** What outlives processes. */
    static final class Truth {
        private final Map<ShardId, Stored> stored = new HashMap<>();
    }

    private final Truth truth;
    private final Machine machine;
    private final Faults faults;
    private final SimulatedProcess process;

    SimulatedManifests(Truth truth, Machine machine, Faults faults, SimulatedProcess process) {
        this.truth = truth;
        this.machine = machine;
        this.faults = faults;
        this.process = process;
    }

    private void before() throws IOException {
        machine.pause(machine.random().nextInt(LONGEST_MILLIS), process);
        if (faults.strikes(Faults.Kind.MANIFEST_ERROR)) {
            throw new IOException("the metadata did not answer");
        }
    }

    private <T> T after(T result) throws IOException {
        machine.pause(machine.random().nextInt(LONGEST_MILLIS), process);
        if (faults.strikes(Faults.Kind.MANIFEST_ANSWER_LOST)) {
            throw new IOException("the metadata's answer was lost");
        }
        return result;
    }

    @Override
    public List<ShardId> list() throws IOException {
        before();
        return after(truth.stored.keySet().stream().sorted().toList());
    }

    @Override
    public Optional<Stored> read(ShardId shard) throws IOException {
        before();
        return after(Optional.ofNullable(truth.stored.get(shard)));
    }

    @Override
    public boolean create(ShardId shard, ShardManifest manifest) throws IOException {
        before();
        return after(truth.stored.putIfAbsent(shard, new Stored(copy(manifest), 0)) == null);
    }

    @Override
    public boolean replace(ShardId shard, ShardManifest manifest, int version) throws IOException {
        before();
        Stored old = truth.stored.get(shard);
        boolean same = old != null && old.version() == version;
        if (same) {
            truth.stored.put(shard, new Stored(copy(manifest), version + 1));
            machine.note(
                    process
                            + " manifest epoch="
                            + manifest.epoch()
                            + " ledgers="
                            + manifest.ledgers());
        }
        return after(same);
    }

    private static ShardManifest copy(ShardManifest manifest) {
        return ShardManifest.read(manifest.toBytes());
    }
}
