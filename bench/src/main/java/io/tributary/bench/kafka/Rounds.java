package io.tributary.bench.kafka;

import io.tributary.bench.kafka.Contender.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Lets contenders take turns and notes what each round saw. */
record Rounds(
        KafkaBench bench, Map<Kind, Contender> contenders, Report report, KafkaBench.Size size) {
    /** What one contender does in a round. */
    interface Turn {
        void take(Kind kind, Contender contender) throws IOException;
    }

    /** Every round, each contender once. */
    void run(String what, List<Kind> kinds, Turn turn) throws IOException {
        for (int round = 1; round <= size.rounds(); round++) {
            for (Kind kind : kinds) {
                KafkaBench.progress(
                        what + ": round " + round + " of " + size.rounds() + ", " + kind.title());
                turn.take(kind, contenders.get(kind));
            }
        }
    }

    <T> T undisturbed(KafkaBench.Measurement<T> measurement) throws IOException {
        return bench.undisturbed(List.copyOf(contenders.values()), measurement);
    }
}
