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
    private static final int TELL_EVERY = 250;

    /** How often a seed is begun anew where the JDK interfered. */
    private static final int MOST_TRIES = 3;

    @TempDir Path folder;

    /** One after the other: two in one JVM would wait for each other's monitors, by chance. */
    @Test
    void everySeedKeepsWhatWasPromised() throws Exception {
        Long only = Long.getLong("simulation.seed");
        long from = only == null ? 0 : only;
        long end = only == null ? Integer.getInteger("simulation.seeds", SEEDS) : only + 1;
        long acknowledged = 0;
        long simulatedMillis = 0;
        for (long seed = from; seed < end; seed++) {
            Simulation.Result result = run(seed);
            acknowledged += result.acknowledged();
            simulatedMillis += result.simulatedMillis();
            if ((seed + 1) % TELL_EVERY == 0) {
                LOG.info(
                        "simulated seeds={}/{} acknowledged={} simulatedHours={}",
                        seed + 1,
                        end,
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
        for (int tries = 1; ; tries++) {
            try {
                return new Simulation(seed, Files.createTempDirectory(folder, "seed")).run();
            } catch (AssertionError e) {
                if (!interfered(e) || tries == MOST_TRIES) {
                    throw new AssertionError(
                            "seed "
                                    + seed
                                    + " (replay with -Dsimulation.seed="
                                    + seed
                                    + "): "
                                    + e.getMessage(),
                            e);
                }
                LOG.info("the JDK interfered, once more seed={}", seed);
            }
        }
    }

    private static boolean interfered(Throwable problem) {
        for (Throwable at = problem; at != null; at = at.getCause()) {
            if (at instanceof Machine.InterferenceError) {
                return true;
            }
        }
        return false;
    }
}
