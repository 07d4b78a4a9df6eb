package io.tributary.testkit.fire;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Where a test's chance comes from: printed, so that {@code -Dseed=…} can repeat it. */
final class Seed {
    private Seed() {}

    static RandomGenerator of(String test) {
        long seed = Long.getLong("seed", System.nanoTime());
        System.err.println(test + ": -Dseed=" + seed);
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }
}
