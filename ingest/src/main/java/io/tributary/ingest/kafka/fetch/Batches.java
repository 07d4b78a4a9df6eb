package io.tributary.ingest.kafka.fetch;

import io.tributary.storage.segment.BatchFields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/** Record batches as storage has them, one after the other; never copied into one. */
final class Batches implements BaseRecords {
    private final List<ByteBuffer> batches;
    private final int sizeBytes;

    Batches(List<ByteBuffer> batches) {
        this.batches = batches;
        sizeBytes = batches.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    int records() {
        return batches.stream().mapToInt(BatchFields::count).sum();
    }

    @Override
    public int sizeInBytes() {
        return sizeBytes;
    }

    @Override
    public RecordsSend<Batches> toSend() {
        return new Sending(this);
    }

    /** Hands all over at once, to who takes all. */
    private static final class Sending extends RecordsSend<Batches> {
        Sending(Batches batches) {
            super(batches, batches.sizeInBytes());
        }

        @Override
        protected int writeTo(TransferableChannel channel, int before, int remaining)
                throws IOException {
            int written = 0;
            for (ByteBuffer batch : records().batches) {
                written += channel.write(batch.duplicate());
            }
            return written;
        }
    }
}
