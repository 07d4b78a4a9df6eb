package io.tributary.testkit.fire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
    private static final int ROUNDS = Boolean.getBoolean("all") ? 100 : 20;
    private static final Duration LONGEST_START = Duration.ofMillis(2_500);

    @TempDir Path folder;

    @Test
    void everyAcknowledgedRecordIsThereExactlyOnceAfterKills() throws Exception {
        RandomGenerator random = Seed.of("kill");
        try (Fire fire = new Fire(folder.resolve("data"), Map.of())) {
            for (int round = 1; round <= ROUNDS; round++) {
                fire.load().awaitAcknowledged(random.nextInt(20, 250));
                LockSupport.parkNanos(random.nextLong(Duration.ofMillis(200).toNanos()));
                fire.create(Topic.kept("round-" + round, 1));
                fire.kill();
                if (random.nextInt(5) == 0) {
                    fire.restartInVain(Duration.ofNanos(random.nextLong(LONGEST_START.toNanos())));
                }
                fire.restart();
                fire.audit();
                System.err.println(
                        "kill "
                                + round
                                + "/"
                                + ROUNDS
                                + ", acknowledged "
                                + fire.history().acknowledgedCount());
            }
            fire.finish();
            assertEquals(0, fire.service().stop());
        }
    }
}
