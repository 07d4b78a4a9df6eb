package io.tributary.ingest.operator;

import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.TimestampText;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Receipt;
import io.tributary.storage.Receipt.Place;
import io.tributary.storage.Shards;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists deletion receipts. */
final class ReceiptList {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final Pattern PLACE = Pattern.compile("(\\d{1,18})\\.(\\d{1,9})\\.(\\d{1,18})");

    private final Shards shards;
    private final Topics topics;

    ReceiptList(Shards shards, Topics topics) {
        this.shards = shards;
        this.topics = topics;
    }

    /** Answers the parameters {@code since}, {@code topic}, {@code limit} and {@code after}. */
    JsonOutput list(MultiMap parameters) throws IOException {
        Receipt.Query query = query(parameters);
        List<Receipt> receipts = shards.receipts(query);
        JsonOutput out = new JsonOutput(1 << 10).ascii("{\"receipts\":[");
        TimestampText times = new TimestampText();
        String separator = "";
        for (Receipt receipt : receipts) {
            out.ascii(separator);
            write(out, receipt, times);
            separator = ",";
        }
        out.ascii("],\"next\":");
        if (receipts.size() == query.limit()) {
            Place last = receipts.getLast().place();
            out.quoted(last.changedAtMillis() + "." + last.shard() + "." + last.number());
        } else {
            out.ascii("null");
        }
        return out.ascii("}");
    }

    private void write(JsonOutput out, Receipt receipt, TimestampText times) throws IOException {
        out.ascii("{\"shard\":").number(receipt.shard().index());
        out.ascii(",\"number\":").number(receipt.number());
        out.ascii(",\"why\":").quoted(receipt.why().name().toLowerCase(Locale.ROOT));
        if (receipt.records().isPresent()) {
            Receipt.Records records = receipt.records().get();
            Optional<Topic> topic = topics.find(records.partition().topic());
            out.ascii(",\"topic_id\":").quoted(records.partition().topic().toString());
            nullable(out, ",\"topic_name\":", topic.map(Topic::name));
            nullable(out, ",\"tenant_id\":", topic.map(t -> t.tenant().value()));
            out.ascii(",\"partition_id\":").number(records.partition().index());
            out.ascii(",\"start_offset\":").number(records.startOffset());
            out.ascii(",\"end_offset\":").number(records.endOffset());
        }
        out.ascii(",\"bytes\":").number(receipt.bytes());
        OperatorRoutes.keys(out, ",\"objects\":", receipt.objects());
        out.ascii(",\"decided_at\":").quoted(times.of(receipt.decidedAtMillis()));
        out.ascii(",\"confirmed_at\":");
        if (receipt.confirmedAtMillis().isPresent()) {
            out.quoted(times.of(receipt.confirmedAtMillis().getAsLong()));
        } else {
            out.ascii("null");
        }
        out.ascii("}");
    }

    private static void nullable(JsonOutput out, String name, Optional<String> value) {
        out.ascii(name);
        if (value.isPresent()) {
            out.quoted(value.get());
        } else {
            out.ascii("null");
        }
    }

    private static Receipt.Query query(MultiMap parameters) {
        long since = 0;
        int limit = DEFAULT_LIMIT;
        Optional<Place> after = Optional.empty();
        Optional<TopicId> topic = Optional.empty();
        for (Map.Entry<String, String> parameter : parameters) {
            String text = parameter.getValue();
            switch (parameter.getKey()) {
                case "since" -> since = time(text);
                case "limit" -> limit = limit(text);
                case "after" -> after = Optional.of(place(text));
                case "topic" -> topic = Optional.of(topic(text));
                default -> throw refused("Unknown parameter: " + parameter.getKey());
            }
        }
        return new Receipt.Query(since, after, topic, limit);
    }

    private static long time(String text) {
        try {
            return text.chars().allMatch(c -> c >= '0' && c <= '9')
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (NumberFormatException | DateTimeException | ArithmeticException _) {
            throw refused("since must be milliseconds since 1970 or RFC 3339.");
        }
    }

    private static int limit(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException _) {
            throw refused("limit must be a whole number from 1 to " + MAX_LIMIT + ".");
        }
        throw refused("limit must be a whole number from 1 to " + MAX_LIMIT + ".");
    }

    private static Place place(String text) {
        Matcher matcher = PLACE.matcher(text);
        if (!matcher.matches()) {
            throw refused("after must be what an earlier answer gave as next.");
        }
        return new Place(
                Long.parseLong(matcher.group(1)),
                new ShardId(Integer.parseInt(matcher.group(2))),
                Long.parseLong(matcher.group(3)));
    }

    private static TopicId topic(String text) {
        try {
            return new TopicId(UUID.fromString(text));
        } catch (IllegalArgumentException _) {
            throw refused("topic must be a topic's id.");
        }
    }

    private static ProblemException refused(String message) {
        return Problem.of(400, message).asException();
    }
}
