package io.tributary.server.start;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.kernel.id.ShardId;
import io.tributary.server.option.NodeSettings.Prices;
import io.tributary.server.start.CostEstimate.Kind;
import io.tributary.storage.object.ObjectStoreUsage;
import io.tributary.storage.object.RequestKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CostEstimateTest {
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final ObjectStoreUsage usage = new ObjectStoreUsage();
    private final CostEstimate cost =
            new CostEstimate(
                    new Prices(0.005, 0.0004, 0.023, 0.09),
                    usage.of(Optional.of(new ShardId(0))),
                    () -> 10.0 * (1L << 30),
                    now::get);

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    private void send(RequestKind kind, int count) {
        for (int i = 0; i < count; i++) {
            usage.sent(kind, "objects/0/x", false);
        }
    }

    @Test
    void storageCostsWhatLiesThere() {
        assertEquals(0.23, cost.perMonth(Kind.STORAGE), 1e-9);
    }

    @Test
    void requestsCostAsIfTheMonthWentOnLikeTheLastHour() {
        send(RequestKind.PUT, 10);
        send(RequestKind.LIST, 2);
        send(RequestKind.GET, 100);
        assertEquals(0, cost.perMonth(Kind.PUT), "too soon to tell");
        pass(Duration.ofHours(1));
        assertEquals(12 * 730 / 1_000.0 * 0.005, cost.perMonth(Kind.PUT), 1e-9);
        assertEquals(100 * 730 / 1_000.0 * 0.0004, cost.perMonth(Kind.GET), 1e-9);
        assertEquals(0, cost.perMonth(Kind.EGRESS), 1e-9);
        pass(Duration.ofHours(1));
        assertEquals(0, cost.perMonth(Kind.PUT), 1e-9, "nothing in the last hour");
    }

    @Test
    void askingRarelyStillTellsTheRate() {
        pass(Duration.ofHours(5));
        send(RequestKind.PUT, 5);
        assertEquals(730 / 1_000.0 * 0.005, cost.perMonth(Kind.PUT), 1e-9);
    }
}
