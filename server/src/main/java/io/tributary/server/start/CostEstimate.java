package io.tributary.server.start;

import io.tributary.server.option.NodeSettings.Prices;
import io.tributary.storage.object.ObjectStoreUsage;
import io.tributary.storage.object.RequestKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * What a shard's use of the object store would cost if a month went on as the last hour did.
 * Thread-safe.
 */
final class CostEstimate {
    private static final double MONTH_MILLIS = Duration.ofHours(730).toMillis();
    private static final double GB = 1L << 30;
    private static final double THOUSAND = 1_000;

    /** What is paid for. */
    enum Kind {
        PUT,
        GET,
        STORAGE,
        EGRESS
    }

    private final Prices prices;
    private final DoubleSupplier storedBytes;
    private final Map<Kind, Rate> rates = new EnumMap<>(Kind.class);

    /**
     * Begins to watch a shard.
     *
     * @param storedBytes what it has in the store now
     */
    CostEstimate(
            Prices prices,
            ObjectStoreUsage.Share share,
            DoubleSupplier storedBytes,
            InstantSource clock) {
        this.prices = prices;
        this.storedBytes = storedBytes;
        rates.put(
                Kind.PUT,
                new Rate(
                        () -> share.requests(RequestKind.PUT) + share.requests(RequestKind.LIST),
                        clock));
        rates.put(Kind.GET, new Rate(() -> share.requests(RequestKind.GET), clock));
        rates.put(Kind.EGRESS, new Rate(() -> share.bytes(RequestKind.GET), clock));
    }

    /** The cost of a month, in the prices' currency. */
    double perMonth(Kind kind) {
        return switch (kind) {
            case PUT -> rates.get(kind).perMonth() / THOUSAND * prices.putsPer1000();
            case GET -> rates.get(kind).perMonth() / THOUSAND * prices.getsPer1000();
            case STORAGE -> storedBytes.getAsDouble() / GB * prices.gbMonth();
            case EGRESS -> rates.get(kind).perMonth() / GB * prices.egressGb();
        };
    }

    /** How fast a number grows, by samples taken when somebody asks, about a minute apart. */
    private static final class Rate {
        private static final long APART_MILLIS = Duration.ofMinutes(1).toMillis();
        private static final long WINDOW_MILLIS = Duration.ofHours(1).toMillis();

        private record Sample(long atMillis, double value) {}

        private final DoubleSupplier value;
        private final InstantSource clock;
        private final List<Sample> samples = new ArrayList<>();

        private Rate(DoubleSupplier value, InstantSource clock) {
            this.value = value;
            this.clock = clock;
            samples.add(now());
        }

        private Sample now() {
            return new Sample(clock.millis(), value.getAsDouble());
        }

        private synchronized double perMonth() {
            Sample now = now();
            if (now.atMillis() - samples.getLast().atMillis() >= APART_MILLIS) {
                samples.add(now);
            }
            while (samples.size() > 1
                    && now.atMillis() - samples.get(1).atMillis() >= WINDOW_MILLIS) {
                samples.removeFirst();
            }
            Sample first = samples.getFirst();
            long millis = now.atMillis() - first.atMillis();
            return millis < APART_MILLIS
                    ? 0
                    : (now.value() - first.value()) / millis * MONTH_MILLIS;
        }
    }
}
