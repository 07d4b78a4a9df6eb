package io.tributary.metadata.quota;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Values of some quotas.
 *
 * @param values what is not in it is said elsewhere, or not limited
 */
public record Quotas(Map<Quota, Long> values) {
    /** The value of what is not limited. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** Beyond this a value would be no limit, and sums of it could overflow. */
    public static final long MOST = 1L << 50;

    /** How {@link #UNLIMITED} is written. */
    public static final String UNLIMITED_TEXT = "unlimited";

    public static final Quotas NONE = new Quotas(Map.of());

    public Quotas {
        values = Map.copyOf(values);
        values.forEach(Quotas::check);
    }

    private static void check(Quota quota, long value) {
        if (value != UNLIMITED && (value < quota.least() || value > MOST)) {
            throw new IllegalArgumentException(
                    quota.label() + " must be " + quota.least() + " to " + MOST + ", or unlimited");
        }
    }

    /** What is said of a quota; empty where nothing is. */
    public OptionalLong find(Quota quota) {
        Long value = values.get(quota);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** The limit; {@link #UNLIMITED} where nothing is said. */
    public long limit(Quota quota) {
        return values.getOrDefault(quota, UNLIMITED);
    }

    /** The same for counts that are small numbers. */
    public int count(Quota quota) {
        return (int) Math.min(Integer.MAX_VALUE, limit(quota));
    }

    /** How many consumer groups there may be. */
    public int groups() {
        return count(Quota.CONSUMER_GROUPS);
    }

    /** These, and of the others what these do not say. */
    public Quotas over(Quotas others) {
        Map<Quota, Long> all = new EnumMap<>(Quota.class);
        all.putAll(others.values);
        all.putAll(values);
        return new Quotas(all);
    }

    /** A key's quotas within its tenant's: the lower of both, of what keys can have. */
    public Quotas within(Quotas tenant) {
        Map<Quota, Long> all = new EnumMap<>(Quota.class);
        for (Quota quota : Quota.values()) {
            if (quota.isOfKeys()) {
                all.put(quota, Math.min(limit(quota), tenant.limit(quota)));
            }
        }
        return new Quotas(all);
    }

    /** One of these that is more than the tenant's, or not a key's at all. */
    public Optional<Quota> beyond(Quotas tenant) {
        return values.keySet().stream()
                .filter(quota -> !quota.isOfKeys() || limit(quota) > tenant.limit(quota))
                .sorted()
                .findFirst();
    }

    /** A value as people read it. */
    public static String text(long value) {
        return value == UNLIMITED ? UNLIMITED_TEXT : Long.toString(value);
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> one.getKey().label() + "=" + text(one.getValue()))
                .collect(Collectors.joining(" "));
    }
}
