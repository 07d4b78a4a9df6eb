package io.tributary.ingest.consumer;

import java.util.List;

/** What an instance reads. */
public sealed interface Subscription {
    record None() implements Subscription {}

    /** What the group assigns to it of these topics, as far as they are there. */
    record Topics(List<String> names) implements Subscription {
        public Topics {
            names = List.copyOf(names);
        }
    }

    /** Likewise, of the topics whose whole name matches. */
    record Matching(String pattern) implements Subscription {}

    /** These partitions, whoever else reads them. */
    record Assigned(List<Place> places) implements Subscription {
        public Assigned {
            places = List.copyOf(places);
        }
    }

    /** A partition by its topic's name. */
    record Place(String topic, int partition) {}
}
