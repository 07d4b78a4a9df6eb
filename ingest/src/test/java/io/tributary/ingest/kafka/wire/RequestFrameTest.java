package io.tributary.ingest.kafka.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tributary.ingest.kafka.wire.FrameCutter.BadFrameException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

class RequestFrameTest {
    private static final int MAX_FIELDS = 1_000;
    private static final int LARGE = 4 << 20;

    /** Of ListOffsets: an index and a time. */
    private static final int PARTITION_BYTES = Integer.BYTES + Long.BYTES;

    private static ByteBuffer begin(ApiKeys api, int version) {
        return begin(api, version, LARGE);
    }

    private static ByteBuffer begin(ApiKeys api, int version, int capacity) {
        return ByteBuffer.allocate(capacity)
                .putShort(api.id)
                .putShort((short) version)
                .putInt(1)
                .putShort((short) -1);
    }

    private static void refused(ByteBuffer frame) {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        assertThrows(BadFrameException.class, () -> RequestFrame.read(frame, MAX_FIELDS));
        long taken = memory.getCurrentThreadAllocatedBytes() - before;
        assertTrue(taken < 1 << 20, taken + " bytes");
    }

    @Test
    void requestsOfKafkasOwnClientsAreRead() throws Exception {
        MetadataRequest sent =
                new MetadataRequest.Builder(List.of("a", "b"), true, (short) 12).build((short) 12);
        RequestHeader header = new RequestHeader(ApiKeys.METADATA, (short) 12, "client", 77);
        RequestFrame read = RequestFrame.read(sent.serializeWithHeader(header), MAX_FIELDS);
        assertEquals(header.data(), read.header().data());
        assertEquals(sent.data(), ((MetadataRequest) read.body()).data());
    }

    @Test
    void countsThatLieTakeNoMemory() {
        refused(begin(ApiKeys.METADATA, 1).putInt(Integer.MAX_VALUE).flip());
        refused(begin(ApiKeys.METADATA, 1).putInt(1_000).putInt(0).flip());
        // As many as the frame has bytes, and then as many as it really holds.
        refused(begin(ApiKeys.METADATA, 1).putInt(LARGE / 2).limit(LARGE).position(0));
        ByteBuffer many = begin(ApiKeys.METADATA, 1).putInt(MAX_FIELDS + 1);
        refused(many.position(many.position() + 2 * (MAX_FIELDS + 1)).flip());
    }

    @Test
    void arraysWithinArraysAreBoundedTogether() {
        // Topics without partitions, and one with as many as would be taken if it were alone.
        ByteBuffer frame = begin(ApiKeys.LIST_OFFSETS, 1).putInt(-1).putInt(MAX_FIELDS / 4);
        for (int i = 1; i < MAX_FIELDS / 4; i++) {
            frame.putShort((short) 1).put((byte) 'a').putInt(0);
        }
        int partitions = MAX_FIELDS / 3;
        frame.putShort((short) 1).put((byte) 'a').putInt(partitions);
        refused(frame.position(frame.position() + partitions * PARTITION_BYTES).flip());
    }

    @Test
    void tagsOfAHeaderAreBoundedToo() {
        ByteBuffer frame =
                ByteBuffer.allocate(LARGE)
                        .putShort(ApiKeys.METADATA.id)
                        .putShort((short) 12)
                        .putInt(1)
                        .putShort((short) -1);
        // 100,000 as a varint, and so many empty tags.
        frame.put((byte) 0xa0).put((byte) 0x8d).put((byte) 0x06);
        refused(frame.position(frame.position() + 200_000).flip());
    }

    /** Of librdkafka's way to ask for all topics: it forgets to take back what it set aside. */
    @Test
    void whatFollowsARequestIsNotLookedAt() throws Exception {
        byte tagsOfHeader = 0;
        byte[] allTopicsNoCreationNoOperationsNoTags = new byte[4];
        ByteBuffer frame =
                begin(ApiKeys.METADATA, 13)
                        .put(tagsOfHeader)
                        .put(allTopicsNoCreationNoOperationsNoTags)
                        .put(new byte[3])
                        .flip();
        assertTrue(((MetadataRequest) RequestFrame.read(frame, MAX_FIELDS).body()).isAllTopics());
    }

    @Test
    void noiseIsRefusedAndNothingElse() {
        Random random = new Random(3);
        ApiKeys[] served = Apis.SERVED.toArray(new ApiKeys[0]);
        for (int i = 0; i < 20_000; i++) {
            ApiKeys api = served[random.nextInt(served.length)];
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            int version = api.oldestVersion() + random.nextInt(api.latestVersion() + 1);
            ByteBuffer frame = begin(api, version, 256).put(noise).flip();
            try {
                RequestFrame.read(frame, MAX_FIELDS);
            } catch (BadFrameException e) {
                assertTrue(e.getMessage().length() < 1_000, e.getMessage());
            }
        }
    }

    /** Produce 0 to 2 are said for old clients' sake and not served, as in Kafka. */
    @Test
    void versionsServedAreThoseOfKafka() {
        Set<String> served = new TreeSet<>();
        Apis.versions(new ApiVersionsRequest.Builder().build((short) 0))
                .data()
                .apiKeys()
                .forEach(
                        api ->
                                served.add(
                                        ApiKeys.forId(api.apiKey()).name
                                                + " "
                                                + api.minVersion()
                                                + "-"
                                                + api.maxVersion()));
        assertEquals(
                """
                AlterClientQuotas 0-1
                AlterConfigs 0-2
                AlterPartitionReassignments 0-1
                ApiVersions 0-5
                ConsumerGroupDescribe 0-1
                ConsumerGroupHeartbeat 0-1
                CreateAcls 1-3
                CreatePartitions 0-3
                CreateTopics 2-7
                DeleteAcls 1-3
                DeleteGroups 0-3
                DeleteRecords 0-2
                DeleteTopics 1-6
                DescribeAcls 1-3
                DescribeClientQuotas 0-1
                DescribeCluster 0-2
                DescribeConfigs 1-4
                DescribeGroups 0-6
                DescribeLogDirs 1-5
                DescribeProducers 0-0
                DescribeTopicPartitions 0-0
                ElectLeaders 0-2
                Fetch 4-18
                FindCoordinator 0-6
                Heartbeat 0-4
                IncrementalAlterConfigs 0-1
                InitProducerId 0-5
                JoinGroup 0-9
                LeaveGroup 0-5
                ListConfigResources 0-1
                ListGroups 0-5
                ListOffsets 1-11
                ListPartitionReassignments 0-0
                Metadata 0-13
                OffsetCommit 2-10
                OffsetDelete 0-0
                OffsetFetch 1-10
                OffsetForLeaderEpoch 2-4
                Produce 0-13
                SaslAuthenticate 0-2
                SaslHandshake 0-1
                SyncGroup 0-5
                """,
                String.join("\n", served) + "\n");
    }
}
