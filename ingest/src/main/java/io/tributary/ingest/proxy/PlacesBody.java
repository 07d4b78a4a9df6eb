package io.tributary.ingest.proxy;

import io.tributary.ingest.consumer.GroupOffsets.Offset;
import io.tributary.ingest.consumer.InstanceKey;
import io.tributary.ingest.consumer.Refusals;
import io.tributary.ingest.consumer.Subscription;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.json.JsonFields;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Bodies that name topics, partitions and offsets. */
final class PlacesBody {
    /** How many of them a body may name. */
    static final int MOST = 10_000;

    private static final int LONGEST_PATTERN = 1_000;

    private PlacesBody() {}

    /** One element; what it has not is as it was before it began. */
    private static final class Element {
        private String topic = "";
        private int partition = -1;
        private long offset = -1;
        private String timestamp = "";
        private String metadata = "";

        void clear() {
            topic = "";
            partition = -1;
            offset = -1;
            timestamp = "";
            metadata = "";
        }

        void field(JsonFields value, String name, String more) throws IOException {
            switch (name) {
                case "topic" -> topic = value.string(name);
                case "partition" -> partition = (int) value.number(name, 0, Integer.MAX_VALUE);
                case "offset", "timestamp", "metadata" -> {
                    if (!more.contains(name)) {
                        throw JsonFields.unknown(name);
                    }
                    if (!value.isNull()) {
                        more(value, name);
                    }
                }
                default -> throw JsonFields.unknown(name);
            }
        }

        private void more(JsonFields value, String name) throws IOException {
            switch (name) {
                case "offset" -> offset = value.number(name, 0, Long.MAX_VALUE - 1);
                case "timestamp" -> timestamp = value.scalar(name);
                default -> metadata = value.string(name);
            }
        }

        Place place() {
            if (topic.isEmpty() || partition < 0) {
                throw JsonFields.invalid("Each needs a topic and a partition.");
            }
            return new Place(topic, partition);
        }

        long offset() {
            if (offset < 0) {
                throw JsonFields.invalid("Each needs an offset.");
            }
            return offset;
        }

        long millis() {
            try {
                return timestamp.chars().allMatch(c -> c >= '0' && c <= '9')
                        ? Long.parseLong(timestamp)
                        : Instant.parse(timestamp).toEpochMilli();
            } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
                throw JsonFields.invalid(
                        "timestamp is neither RFC 3339, such as 2021-02-05T19:14:42Z, nor"
                                + " milliseconds.");
            }
        }
    }

    /** {@code {"partitions":[{"topic":…,"partition":…}]}}. */
    static List<Place> partitions(byte[] body) {
        List<Place> places = new ArrayList<>();
        Element one = new Element();
        JsonFields.read(
                body,
                (value, field) -> {
                    if (!field.equals("partitions")) {
                        throw JsonFields.unknown(field);
                    }
                    value.objects(
                            field,
                            MOST,
                            one::clear,
                            (inner, name) -> one.field(inner, name, ""),
                            () -> places.add(one.place()));
                });
        return places;
    }

    /**
     * {@code {"offsets":[{"topic":…,"partition":…,"offset":…,"metadata":…}]}}: each the offset of a
     * record that has been dealt with, so that the next is what is committed.
     */
    static Optional<Map<Place, Offset>> commits(byte[] body) {
        if (body.length == 0) {
            return Optional.empty();
        }
        Map<Place, Offset> commits = new LinkedHashMap<>();
        Element one = new Element();
        JsonFields.read(
                body,
                (value, field) -> {
                    if (!field.equals("offsets")) {
                        throw JsonFields.unknown(field);
                    }
                    value.objects(
                            field,
                            MOST,
                            one::clear,
                            (inner, name) -> one.field(inner, name, "offset metadata"),
                            () ->
                                    commits.put(
                                            one.place(),
                                            new Offset(one.offset() + 1, one.metadata)));
                });
        return commits.isEmpty() ? Optional.empty() : Optional.of(commits);
    }

    /** Where to go on. */
    record Seeks(Map<Place, Long> offsets, Map<Place, Long> timestamps) {}

    /** {@code {"offsets":[…],"timestamps":[{"topic":…,"partition":…,"timestamp":…}]}}. */
    static Seeks seeks(byte[] body) {
        Seeks seeks = new Seeks(new LinkedHashMap<>(), new LinkedHashMap<>());
        Element one = new Element();
        JsonFields.read(
                body,
                (value, field) -> {
                    switch (field) {
                        case "offsets" ->
                                value.objects(
                                        field,
                                        MOST,
                                        one::clear,
                                        (inner, name) -> one.field(inner, name, "offset metadata"),
                                        () -> seeks.offsets.put(one.place(), one.offset()));
                        case "timestamps" ->
                                value.objects(
                                        field,
                                        MOST,
                                        one::clear,
                                        (inner, name) ->
                                                one.field(inner, name, "timestamp metadata"),
                                        () -> seeks.timestamps.put(one.place(), one.millis()));
                        default -> throw JsonFields.unknown(field);
                    }
                });
        return seeks;
    }

    /** {@code {"topics":[…]}} or {@code {"topic_pattern":…}}. */
    static Subscription subscription(byte[] body) {
        List<Subscription> given = new ArrayList<>();
        JsonFields.read(
                body,
                (value, field) -> {
                    if (value.isNull()) {
                        return;
                    }
                    switch (field) {
                        case "topics" ->
                                given.add(new Subscription.Topics(value.strings(field, MOST)));
                        case "topic_pattern" ->
                                given.add(new Subscription.Matching(value.string(field)));
                        default -> throw JsonFields.unknown(field);
                    }
                });
        if (given.size() > 1) {
            throw Refusals.illegalState(
                    "Subscription to topics, partitions and pattern are mutually exclusive");
        }
        if (given.isEmpty()) {
            throw JsonFields.invalid("topics or topic_pattern is needed.");
        }
        if (given.getFirst() instanceof Subscription.Matching(String pattern)
                && pattern.length() > LONGEST_PATTERN) {
            throw JsonFields.invalid(
                    "topic_pattern takes " + LONGEST_PATTERN + " characters at most.");
        }
        if (given.getFirst() instanceof Subscription.Topics(List<String> names)) {
            for (String name : names) {
                if (name.isEmpty() || name.length() > InstanceKey.MAX_NAME_LENGTH) {
                    throw JsonFields.invalid("topics holds a name that no topic can have.");
                }
            }
        }
        return given.getFirst();
    }

    /** Partitions as a parameter names them: {@code topic:0,topic:1}. */
    static List<Place> parameter(String text) {
        List<Place> places = new ArrayList<>();
        for (String one : text.split(",", MOST + 1)) {
            int colon = one.lastIndexOf(':');
            String digits = one.substring(colon + 1);
            if (colon < 1
                    || digits.isEmpty()
                    || digits.length() > 9
                    || !digits.chars().allMatch(c -> c >= '0' && c <= '9')
                    || places.size() == MOST) {
                throw JsonFields.invalid("partitions is a list such as topic:0,topic:1.");
            }
            places.add(new Place(one.substring(0, colon), Integer.parseInt(digits)));
        }
        return places;
    }
}
