package io.tributary.storage.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Which faults strike in one simulation, and how often: a random part of all there are, so that
 * each also meets the others' absence.
 */
final class Faults {
    /** What can go wrong by itself; what an operator or a crash does is the {@link Nemesis}. */
    enum Kind {
        OBJECT_ERROR,
        OBJECT_ANSWER_LOST,
        OBJECT_SLOW,
        OBJECT_BODY_FLIPPED,
        OBJECT_BODY_CUT,
        LIST_LAG,
        LEDGER_SYNC_ERROR,
        LEDGER_CREATE_ERROR,
        LEDGER_READ_ERROR,
        LEDGER_SLOW,
        MANIFEST_ERROR,
        MANIFEST_ANSWER_LOST
    }

    /** A recovery reads hundreds of entries and must succeed at last. */
    private static final double RECOVERABLE_READ_ERRORS = 0.001;

    private final RandomGenerator random;
    private final Map<Kind, Double> rates = new EnumMap<>(Kind.class);
    private boolean healed;

    Faults(RandomGenerator random) {
        this.random = random;
        for (Kind kind : Kind.values()) {
            double most = kind == Kind.LEDGER_READ_ERROR ? RECOVERABLE_READ_ERRORS : 0.1;
            rates.put(
                    kind, random.nextBoolean() ? 0 : most * Math.pow(10, -2 * random.nextDouble()));
        }
    }

    boolean strikes(Kind kind) {
        return !healed && random.nextDouble() < rates.get(kind);
    }

    boolean possible(Kind kind) {
        return rates.get(kind) > 0;
    }

    /** No more faults from now on. */
    void heal() {
        healed = true;
    }

    @Override
    public String toString() {
        return rates.toString();
    }
}
