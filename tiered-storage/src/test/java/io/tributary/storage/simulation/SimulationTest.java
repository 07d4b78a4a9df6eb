package io.tributary.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final int SEEDS = 300;
    private static final int TELL_EVERY = 100;

    @TempDir Path folder;

    private final AtomicLong next = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong simulatedMillis = new AtomicLong();
    private final AtomicBoolean failed = new AtomicBoolean();

    @Test
    void everySeedKeepsWhatWasPromised() throws Exception {
        Long only = Long.getLong("simulation.seed");
        long end = only == null ? Integer.getInteger("simulation.seeds", SEEDS) : only + 1;
        next.set(only == null ? 0 : only);
        int cores = Runtime.getRuntime().availableProcessors();
        try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
            List<Callable<Boolean>> runs = new ArrayList<>();
            for (int i = 0; i < cores; i++) {
                runs.add(() -> runUntil(end));
            }
            for (Future<Boolean> run : threads.invokeAll(runs)) {
                assertTrue(run.get());
            }
        }
        assertTrue(acknowledged.get() > 0);
    }

    private boolean runUntil(long end) throws IOException {
        boolean complete = false;
        try {
            for (long seed = next.getAndIncrement();
                    seed < end && !failed.get();
                    seed = next.getAndIncrement()) {
                Simulation.Result result = run(seed);
                acknowledged.addAndGet(result.acknowledged());
                simulatedMillis.addAndGet(result.simulatedMillis());
                if ((seed + 1) % TELL_EVERY == 0) {
                    LOG.info(
                            "simulated seeds={}/{} acknowledged={} simulatedHours={}",
                            seed + 1,
                            end,
                            acknowledged,
                            simulatedMillis.get() / 3_600_000);
                }
            }
            complete = true;
            return true;
        } finally {
            if (!complete) {
                failed.set(true);
            }
        }
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
