package io.tributary.ingest.kafka.wire;

import io.tributary.ingest.kafka.wire.FrameCutter.BadFrameException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A request as it came in a frame.
 *
 * @param body everything behind the header
 */
record RequestFrame(RequestHeader header, AbstractRequest body) {
    /** API key, version, correlation id and the length of a client id. */
    static final int MIN_BYTES = 10;

    private static final int VERSION_AT = 2;
    private static final int CORRELATION_AT = 4;

    /** The key of the API it asks for, known or not. */
    static short apiKey(ByteBuffer frame) {
        return frame.getShort(frame.position());
    }

    static short apiVersion(ByteBuffer frame) {
        return frame.getShort(frame.position() + VERSION_AT);
    }

    static int correlationId(ByteBuffer frame) {
        return frame.getInt(frame.position() + CORRELATION_AT);
    }

    /**
     * Reads a frame. What follows the request in it is not looked at, as in Kafka: librdkafka from
     * 2.1 on leaves three bytes behind when it asks for the metadata of all topics.
     *
     * @param maxFields how many fields it may have, which bounds what is made of it
     * @throws BadFrameException it is no request that is served
     */
    static RequestFrame read(ByteBuffer frame, int maxFields) throws BadFrameException {
        short key = apiKey(frame);
        short version = apiVersion(frame);
        if (!Apis.serves(key, version)) {
            throw new BadFrameException("API " + key + " version " + version + " is not served");
        }
        ApiKeys api = ApiKeys.forId(key);
        BoundedReadable bytes = new BoundedReadable(frame, maxFields);
        try {
            short headerVersion = api.requestHeaderVersion(version);
            RequestHeaderData header = new RequestHeaderData(bytes, headerVersion);
            if (header.clientId() == null) {
                header.setClientId("");
            }
            AbstractRequest body = AbstractRequest.parseRequest(api, version, bytes).request;
            return new RequestFrame(new RequestHeader(header, headerVersion), body);
        } catch (RuntimeException e) {
            // Whatever a reader makes of nonsense.
            throw new BadFrameException(
                    api + " version " + version + " is malformed: " + e.getMessage());
        }
    }
}
