package io.tributary.kernel.time;

import java.time.InstantSource;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;

/**
 * What code gets from the machine it runs on, so that a simulation can stand in for it: everything
 * that differs from run to run comes from here.
 *
 * @param threads makes the threads that stay, such as a shard's sequencing thread; started by the
 *     caller
 */
public record Environment(
        InstantSource clock, RandomGenerator random, Scheduler scheduler, ThreadFactory threads) {}
