package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.InstanceConfig.Reset;
import io.tributary.ingest.consumer.InstanceRecord.Held;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.json.Format;
import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Consumer instances as bytes; docs/formats/consumer-instance.md. */
final class InstanceBytes {
    private static final int VERSION = 1;
    private static final int AUTO_COMMIT = 1;
    private static final int READ_COMMITTED = 2;
    private static final int HELD_BYTES = 36;
    private static final int NONE = 0;
    private static final int TOPICS = 1;
    private static final int MATCHING = 2;
    private static final int ASSIGNED = 3;

    private static final List<Format> FORMATS = List.of(Format.BINARY, Format.JSON, Format.STRING);
    private static final List<Reset> RESETS = List.of(Reset.EARLIEST, Reset.LATEST, Reset.NONE);

    private InstanceBytes() {}

    static byte[] key(InstanceKey key) {
        return new BinaryWriter(64)
                .u8(VERSION)
                .string(key.tenant().value())
                .string(key.group())
                .string(key.name())
                .toBytes();
    }

    /**
     * Reads what {@link #key} wrote.
     *
     * @throws MalformedBytesException it is something else
     */
    static InstanceKey key(ByteBuffer bytes) {
        BinaryReader in = new BinaryReader(bytes);
        version(in);
        try {
            return new InstanceKey(new TenantId(in.string()), in.string(), in.string());
        } catch (IllegalArgumentException e) {
            throw new MalformedBytesException(e.getMessage());
        }
    }

    static byte[] value(InstanceRecord record) {
        InstanceConfig config = record.config();
        BinaryWriter out = new BinaryWriter(256).u8(VERSION);
        out.u8(FORMATS.indexOf(config.format())).u8(RESETS.indexOf(config.reset()));
        out.u8(
                (config.autoCommit() ? AUTO_COMMIT : 0)
                        | (config.readCommitted() ? READ_COMMITTED : 0));
        out.i32(config.minBytes()).i64(config.patience().toMillis());
        out.string(record.memberId());
        subscription(out, record.subscription());
        out.i32(record.topics().size());
        record.topics().forEach(out::string);
        out.i32(record.positions().size());
        record.positions()
                .forEach(
                        (partition, held) ->
                                out.uuid(partition.topic().value())
                                        .i32(partition.index())
                                        .i64(held.offset())
                                        .i64(held.committed()));
        return out.toBytes();
    }

    private static void subscription(BinaryWriter out, Subscription subscription) {
        switch (subscription) {
            case Subscription.None _ -> out.u8(NONE);
            case Subscription.Topics(List<String> names) -> {
                out.u8(TOPICS).i32(names.size());
                names.forEach(out::string);
            }
            case Subscription.Matching(String pattern) -> out.u8(MATCHING).string(pattern);
            case Subscription.Assigned(List<Place> places) -> {
                out.u8(ASSIGNED).i32(places.size());
                places.forEach(place -> out.string(place.topic()).i32(place.partition()));
            }
        }
    }

    /**
     * Reads what {@link #value} wrote.
     *
     * @throws MalformedBytesException it is something else
     */
    static InstanceRecord value(ByteBuffer bytes) {
        BinaryReader in = new BinaryReader(bytes);
        version(in);
        Format format = one(FORMATS, in.u8());
        Reset reset = one(RESETS, in.u8());
        int flags = in.u8();
        int minBytes = in.i32();
        Duration patience = Duration.ofMillis(in.i64());
        String memberId = in.string();
        Subscription subscription = subscription(in);
        List<String> topics = new ArrayList<>();
        for (int left = in.count(4); left > 0; left--) {
            topics.add(in.string());
        }
        Map<PartitionId, Held> positions = new HashMap<>();
        for (int left = in.count(HELD_BYTES); left > 0; left--) {
            TopicId topic = new TopicId(in.uuid());
            PartitionId partition = new PartitionId(topic, notNegative(in.i32()));
            positions.put(partition, new Held(in.i64(), in.i64()));
        }
        return new InstanceRecord(
                new InstanceConfig(
                        format,
                        (flags & AUTO_COMMIT) != 0,
                        reset,
                        minBytes,
                        patience,
                        (flags & READ_COMMITTED) != 0),
                memberId,
                subscription,
                topics,
                positions);
    }

    private static int notNegative(int number) {
        if (number < 0) {
            throw new MalformedBytesException("below 0: " + number);
        }
        return number;
    }

    private static Subscription subscription(BinaryReader in) {
        int kind = in.u8();
        return switch (kind) {
            case NONE -> new Subscription.None();
            case TOPICS -> {
                List<String> names = new ArrayList<>();
                for (int left = in.count(4); left > 0; left--) {
                    names.add(in.string());
                }
                yield new Subscription.Topics(names);
            }
            case MATCHING -> new Subscription.Matching(in.string());
            case ASSIGNED -> {
                List<Place> places = new ArrayList<>();
                for (int left = in.count(8); left > 0; left--) {
                    places.add(new Place(in.string(), notNegative(in.i32())));
                }
                yield new Subscription.Assigned(places);
            }
            default -> throw new MalformedBytesException("no kind of subscription: " + kind);
        };
    }

    private static void version(BinaryReader in) {
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedBytesException("version " + version + ", not " + VERSION);
        }
    }

    private static <T> T one(List<T> all, int index) {
        if (index >= all.size()) {
            throw new MalformedBytesException("no such value: " + index);
        }
        return all.get(index);
    }
}
