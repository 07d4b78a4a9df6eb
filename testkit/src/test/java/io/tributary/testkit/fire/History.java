package io.tributary.testkit.fire;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Everything the clients of a service were told, and so what it must and must not tell later: an
 * offset has one value for ever, a record is in one place, nothing acknowledged is lost. A breach
 * is an {@link AssertionError}. Thread-safe.
 */
final class History {
    /** A partition of a topic. */
    record Partition(String topic, int index) {}

    /** Where a record is. */
    record Place(Partition partition, long offset) {}

    /** A record as it was read. */
    record Found(long offset, String id) {}

    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Map<Place, String> ids = new ConcurrentHashMap<>();
    private final Map<String, Place> places = new ConcurrentHashMap<>();
    private final Map<Partition, NavigableMap<Long, Long>> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong acknowledgedCount = new AtomicLong();

    /** A record is about to be sent for the first time. */
    void sending(String id) {
        if (!sent.add(id)) {
            throw new AssertionError("a test sends " + id + " as two records");
        }
    }

    /** The service promised to keep a record whose first sending began then. */
    void acknowledged(Place place, String id, long sentMillis) {
        told(place, id);
        acknowledged
                .computeIfAbsent(place.partition(), p -> new ConcurrentSkipListMap<>())
                .put(place.offset(), sentMillis);
        acknowledgedCount.incrementAndGet();
    }

    /** A reader got a record. */
    void seen(Place place, String id) {
        told(place, id);
    }

    private void told(Place place, String id) {
        if (!sent.contains(id)) {
            throw new AssertionError(place + " holds " + id + ", which nobody sent");
        }
        String before = ids.putIfAbsent(place, id);
        if (before != null && !before.equals(id)) {
            throw new AssertionError(place + " was " + before + " and is now " + id);
        }
        Place other = places.putIfAbsent(id, place);
        if (other != null && !other.equals(place)) {
            throw new AssertionError(id + " is twice, at " + other + " and " + place);
        }
    }

    long acknowledgedCount() {
        return acknowledgedCount.get();
    }

    /** Offsets acknowledged by now, and when the sending of their records began. */
    NavigableMap<Long, Long> acknowledged(Partition partition) {
        return new ConcurrentSkipListMap<>(
                acknowledged.getOrDefault(partition, new ConcurrentSkipListMap<>()));
    }

    /**
     * Checks a reading of a whole partition.
     *
     * @param due offsets that had to be found
     * @param found what was read, from some offset to the end
     */
    void check(Partition partition, Set<Long> due, List<Found> found) {
        Map<String, long[]> lastOfSender = new ConcurrentHashMap<>();
        Set<Long> missing = new java.util.TreeSet<>(due);
        long expected = found.isEmpty() ? 0 : found.getFirst().offset();
        for (Found record : found) {
            if (record.offset() != expected) {
                throw new AssertionError(
                        partition + " goes on with " + record.offset() + " instead of " + expected);
            }
            expected++;
            missing.remove(record.offset());
            seen(new Place(partition, record.offset()), record.id());
            inOrder(partition, record, lastOfSender);
        }
        if (!missing.isEmpty()) {
            throw new AssertionError(
                    partition + " lost " + missing.size() + " acknowledged records: " + missing);
        }
    }

    /** Ids are {@code sender/request/record}; a sender waits for one request before the next. */
    private static void inOrder(
            Partition partition, Found record, Map<String, long[]> lastOfSender) {
        String[] id = record.id().split("/", -1);
        long[] now = {Long.parseLong(id[1]), Long.parseLong(id[2])};
        long[] before = lastOfSender.put(id[0], now);
        if (before != null && java.util.Arrays.compare(before, now) >= 0) {
            throw new AssertionError(
                    partition + " has " + record + " after request " + before[0] + "/" + before[1]);
        }
    }
}
