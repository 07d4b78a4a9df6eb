package io.tributary.server.cat;

import io.tributary.ingest.fetch.BatchRecords;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.server.option.CatSettings;
import io.tributary.server.option.Place;
import io.tributary.storage.restore.StoredPartition;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;

/** Writes the wanted records of one partition, in the order of their offsets. */
final class RecordPrinter implements StoredPartition.Reader {
    private static final int BUFFER_BYTES = 64 << 10;

    private final CatSettings settings;
    private final BatchRecords records;
    private final Output output;
    private final JsonOutput buffer = new JsonOutput(BUFFER_BYTES);
    private final long fromMillis;
    private boolean begun;
    private boolean ended;
    private long next;

    /** Where records go, and problems. */
    static final class Output {
        private final OutputStream records;
        private final PrintStream errors;
        private boolean first = true;
        private int damaged;

        Output(OutputStream records, PrintStream errors) {
            this.records = records;
            this.errors = errors;
        }

        OutputStream records() {
            return records;
        }

        /** How many damaged places were passed over. */
        int damaged() {
            return damaged;
        }
    }

    RecordPrinter(CatSettings settings, int partition, long startOffset, Output output) {
        this.settings = settings;
        records = new BatchRecords(partition);
        this.output = output;
        next = startOffset;
        fromMillis =
                settings.from().isPresent() && settings.from().get() instanceof Place.Time time
                        ? time.millis()
                        : Long.MIN_VALUE;
        if (settings.from().isPresent() && settings.from().get() instanceof Place.Offset from) {
            next = Math.max(next, from.offset());
        }
    }

    /** The offset to go on from. */
    long next() {
        return next;
    }

    boolean ended() {
        return ended;
    }

    @Override
    public boolean wants(long maxTimestamp) {
        return begun || maxTimestamp >= fromMillis;
    }

    @Override
    public boolean batch(ByteBuffer bytes) throws IOException {
        try {
            next = records.read(bytes, next, this::take);
        } catch (CorruptDataException e) {
            damaged(e);
        } finally {
            buffer.drainTo(output.records);
        }
        return !ended;
    }

    private boolean take(BatchRecords.Stored record) throws IOException {
        begun |= record.timestamp() >= fromMillis;
        ended = isEnd(record);
        if (begun && !ended) {
            print(record);
        }
        return !ended;
    }

    private boolean isEnd(BatchRecords.Stored record) {
        return settings.to().isPresent()
                && switch (settings.to().get()) {
                    case Place.Offset to -> record.offset() >= to.offset();
                    case Place.Time to -> begun && record.timestamp() >= to.millis();
                };
    }

    private void print(BatchRecords.Stored record) throws IOException {
        switch (settings.format()) {
            case JSON -> {
                buffer.ascii(output.first ? "" : ",\n");
                record.writeTo(buffer);
            }
            case NDJSON -> {
                record.writeTo(buffer);
                buffer.ascii("\n");
            }
            case RAW ->
                    record.value()
                            .ifPresent(
                                    value -> {
                                        byte[] copy = new byte[value.remaining()];
                                        value.get(copy);
                                        buffer.raw(copy).ascii("\n");
                                    });
        }
        output.first = false;
        if (buffer.size() >= BUFFER_BYTES) {
            buffer.drainTo(output.records);
        }
    }

    @Override
    public void damaged(CorruptDataException damage) throws IOException {
        if (!settings.skipDamaged()) {
            throw damage;
        }
        output.damaged++;
        output.errors.println("Skipped: " + damage.getMessage());
    }
}
