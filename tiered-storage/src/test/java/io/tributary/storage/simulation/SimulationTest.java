package io.tributary.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lives of a shard from many seeds. {@code -Dsimulation.seeds=N} runs more or fewer, {@code
 * -Dsimulation.seed=S} one again.
 */
class SimulationTest {
    private static final Logger LOG = LoggerFactory.getLogger(SimulationTest.class);
    private static final int SEEDS = 2_000;

    @TempDir Path folder;

    @Test
    void everySeedKeepsWhatWasPromised() throws Exception {
        Long only = Long.getLong("simulation.seed");
        long from = only == null ? 0 : only;
        long to = only == null ? Integer.getInteger("simulation.seeds", SEEDS) : only + 1;
        long acknowledged = 0;
        long simulatedMillis = 0;
        for (long seed = from; seed < to; seed++) {
            Simulation.Result result = run(seed);
            acknowledged += result.acknowledged();
            simulatedMillis += result.simulatedMillis();
            if ((seed + 1) % 250 == 0) {
                LOG.info(
                        "simulated seeds={}/{} acknowledged={} simulatedHours={}",
                        seed + 1 - from,
                        to - from,
                        acknowledged,
                        simulatedMillis / 3_600_000);
            }
        }
        assertTrue(acknowledged > 0);
    }

    @Test
    void seedReplays() throws Exception {
        assertEquals(run(1), run(1));
    }

    private Simulation.Result run(long seed) throws IOException {
        try {
            return new Simulation(seed, Files.createTempDirectory(folder, "seed")).run();
        } catch (AssertionError e) {
            throw new AssertionError(
                    "seed "
                            + seed
                            + " (replay with -Dsimulation.seed="
                            + seed
                            + "): "
                            + e.getMessage(),
                    e);
        }
    }
}
