package io.tributary.ingest.group;

import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * What consumers tell each other in the classic protocol: subscriptions and assignments, which the
 * coordinator passes on, and now and then reads. Topic names in them are put into a tenant's scope
 * and out of it; fields of versions not known yet stay as they are. Where the protocol type is not
 * {@code consumer}, nobody but the members can tell what the bytes are, and the coordinator never
 * reads them.
 */
final class ConsumerBytes {
    static final String PROTOCOL_TYPE = "consumer";

    private static final int VERSION_BYTES = 2;

    private ConsumerBytes() {}

    /**
     * A member's subscription with other names.
     *
     * @throws InconsistentGroupProtocolException it is none
     */
    static byte[] subscription(byte[] bytes, UnaryOperator<String> name) {
        return rewritten(
                bytes,
                ConsumerProtocolSubscription.HIGHEST_SUPPORTED_VERSION,
                (in, version) -> {
                    ConsumerProtocolSubscription read =
                            new ConsumerProtocolSubscription(in, version);
                    read.setTopics(read.topics().stream().map(name).toList());
                    ConsumerProtocolSubscription.TopicPartitionCollection owned =
                            new ConsumerProtocolSubscription.TopicPartitionCollection();
                    read.ownedPartitions()
                            .forEach(
                                    one ->
                                            owned.add(
                                                    one.duplicate()
                                                            .setTopic(name.apply(one.topic()))));
                    return read.setOwnedPartitions(owned);
                });
    }

    /** Likewise, what a member is to read. */
    static byte[] assignment(byte[] bytes, UnaryOperator<String> name) {
        return rewritten(
                bytes,
                ConsumerProtocolAssignment.HIGHEST_SUPPORTED_VERSION,
                (in, version) -> {
                    ConsumerProtocolAssignment read = new ConsumerProtocolAssignment(in, version);
                    ConsumerProtocolAssignment.TopicPartitionCollection assigned =
                            new ConsumerProtocolAssignment.TopicPartitionCollection();
                    read.assignedPartitions()
                            .forEach(
                                    one ->
                                            assigned.add(
                                                    one.duplicate()
                                                            .setTopic(name.apply(one.topic()))));
                    return read.setAssignedPartitions(assigned);
                });
    }

    private interface Reading {
        Message read(ByteBufferAccessor in, short version);
    }

    private static byte[] rewritten(byte[] bytes, short highestKnown, Reading reading) {
        if (bytes.length == 0) {
            return bytes;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            short version = in.getShort();
            if (version < 0) {
                throw new InconsistentGroupProtocolException(
                        "what the member says has version " + version);
            }
            short known = (short) Math.min(version, highestKnown);
            ByteBuffer body =
                    MessageUtil.toByteBufferAccessor(
                                    reading.read(new ByteBufferAccessor(in), known), known)
                            .buffer();
            ByteBuffer out = ByteBuffer.allocate(VERSION_BYTES + body.remaining() + in.remaining());
            return out.putShort(version).put(body).put(in).array();
        } catch (IllegalStateException | InconsistentGroupProtocolException e) {
            throw e;
        } catch (RuntimeException e) {
            // Whatever a reader makes of nonsense.
            throw new InconsistentGroupProtocolException(
                    "what the member says is not in the format of consumers", e);
        }
    }
}
