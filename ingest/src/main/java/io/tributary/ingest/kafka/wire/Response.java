package io.tributary.ingest.kafka.wire;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** Encodes answers; record batches in them are not copied. */
final class Response {
    private Response() {}

    /** The answer to a request with this header, with its length in front. */
    static Buffer encode(AbstractResponse response, RequestHeader header) {
        Send send = response.toSend(header.toResponseHeader(), header.apiVersion());
        Collector parts = new Collector();
        try {
            while (!send.completed()) {
                send.writeTo(parts);
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every byte", e);
        }
        return BufferImpl.buffer(Unpooled.wrappedBuffer(parts.buffers.toArray(new ByteBuffer[0])));
    }

    /** Takes what is written as it is. */
    private static final class Collector implements TransferableChannel {
        private final List<ByteBuffer> buffers = new ArrayList<>();

        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            if (length > 0) {
                buffers.add(source.slice());
                source.position(source.limit());
            }
            return length;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long written = 0;
            for (int i = offset; i < offset + length; i++) {
                written += write(sources[i]);
            }
            return written;
        }

        @Override
        public boolean hasPendingWrites() {
            return false;
        }

        @Override
        public long transferFrom(FileChannel file, long position, long count) throws IOException {
            throw new IOException("records come from memory");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
