package io.tributary.ingest.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.Shard;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.Shard.Tiers;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;

/** Says where a partition begins and ends, and where its records lie. */
public final class PartitionRoute {
    private final IngestNode node;
    private final TopicAccess access;

    public PartitionRoute(IngestNode node, TopicAccess access) {
        this.node = node;
        this.access = access;
    }

    private interface Answer {
        JsonOutput from(Shard shard, Topic topic, int index) throws IOException;
    }

    /** {@code GET …/partitions/{p}/offset}, as Confluent's. */
    public void offset(RoutingContext request, String cluster, String topic, String partition) {
        answer(
                request,
                cluster,
                topic,
                partition,
                (shard, found, index) -> {
                    Offsets offsets = shard.offsets(found.partition(index));
                    JsonOutput out = begin("KafkaPartitionOffset", found, index);
                    out.ascii(",\"earliest_offset\":").number(offsets.logStart());
                    out.ascii(",\"latest_offset\":").number(offsets.highWatermark());
                    return out.ascii("}");
                });
    }

    /** {@code GET …/partitions/{p}/tiers}. */
    public void tiers(RoutingContext request, String cluster, String topic, String partition) {
        answer(
                request,
                cluster,
                topic,
                partition,
                (shard, found, index) -> {
                    Tiers tiers = shard.tiers(found.partition(index));
                    JsonOutput out = begin("TributaryPartitionTiers", found, index);
                    out.ascii(",\"log_start_offset\":").number(tiers.offsets().logStart());
                    out.ascii(",\"high_watermark\":").number(tiers.offsets().highWatermark());
                    tier(out, ",\"ledgers\":", tiers.ledgers());
                    tier(out, ",\"local_segments\":", tiers.localSegments());
                    tier(out, ",\"object_store\":", tiers.objectStore());
                    return out.ascii("}");
                });
    }

    private void answer(
            RoutingContext request, String cluster, String topic, String partition, Answer answer) {
        access.with(
                request,
                cluster,
                topic,
                Operation.CONSUME,
                permission -> {
                    Topic found = permission.topic();
                    try {
                        int index = Partitions.index(found, partition);
                        Shard shard = node.shards().shard(found.shard(index));
                        Replies.json(request, answer.from(shard, found, index).take());
                    } catch (IOException | RuntimeException e) {
                        Problem problem = Replies.toProblem(e);
                        Replies.problem(request, problem);
                    }
                });
    }

    /** Begins an answer about a partition. */
    static JsonOutput begin(String kind, Topic topic, int index) {
        return new JsonOutput(256)
                .ascii("{\"kind\":\"")
                .ascii(kind)
                .ascii("\",\"cluster_id\":\"")
                .ascii(topic.tenant().clusterId())
                .ascii("\",\"topic_name\":\"")
                .ascii(topic.name())
                .ascii("\",\"partition_id\":")
                .number(index);
    }

    private static void tier(JsonOutput out, String name, List<Tiers.Range> ranges) {
        out.ascii(name).ascii("[");
        String separator = "";
        for (Tiers.Range range : ranges) {
            out.ascii(separator).ascii("{\"start_offset\":").number(range.startOffset());
            out.ascii(",\"end_offset\":").number(range.endOffset());
            out.ascii(",\"bytes\":").number(range.bytes());
            out.ascii(",\"where\":").quoted(range.where()).ascii("}");
            separator = ",";
        }
        out.ascii("]");
    }
}
