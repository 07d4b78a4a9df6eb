package io.tributary.ingest.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.door.WholeBody;
import io.tributary.ingest.json.DeleteRecordsBody;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.DeleteOutcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.OptionalLong;

/** Removes a partition's records below an offset. */
public final class DeleteRecordsRoute {
    private static final int MAX_BODY_BYTES = 1 << 10;

    private final IngestNode node;
    private final TopicAccess access;

    public DeleteRecordsRoute(IngestNode node, TopicAccess access) {
        this.node = node;
        this.access = access;
    }

    /** {@code POST …/partitions/{p}/records:delete}. */
    public void handle(RoutingContext request, String cluster, String topic, String partition) {
        access.with(
                request,
                cluster,
                topic,
                Operation.MANAGE,
                permission -> {
                    try {
                        int index = Partitions.index(permission.topic(), partition);
                        WholeBody.read(
                                request,
                                "The body",
                                MAX_BODY_BYTES,
                                body -> delete(request, permission, index, body));
                    } catch (ProblemException e) {
                        Replies.problem(request, e.problem());
                    }
                });
    }

    private void delete(RoutingContext request, Permission permission, int index, byte[] body) {
        OptionalLong before;
        try {
            before = DeleteRecordsBody.beforeOffset(body);
        } catch (ProblemException e) {
            Replies.problem(request, e.problem());
            return;
        }
        var context = request.vertx().getOrCreateContext();
        node.blocking()
                .execute(
                        () -> {
                            try {
                                Topic topic = permission.check();
                                Buffer answer = delete(topic, index, before).take();
                                context.runOnContext(done -> Replies.json(request, answer));
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                context.runOnContext(done -> Replies.problem(request, problem));
                            }
                        });
    }

    private JsonOutput delete(Topic topic, int index, OptionalLong before) throws IOException {
        DeleteOutcome outcome =
                node.shards()
                        .shard(topic.shard(index))
                        .deleteRecords(topic.partition(index), before);
        return switch (outcome) {
            case DeleteOutcome.Deleted deleted ->
                    PartitionRoute.begin("TributaryDeletedRecords", topic, index)
                            .ascii(",\"low_watermark\":")
                            .number(deleted.lowWatermark())
                            .ascii("}");
            case DeleteOutcome.OutOfRange out ->
                    throw PartitionReader.outOfRange(before.orElseThrow(), out.available());
            case DeleteOutcome.AgainstPolicy no ->
                    throw Problem.of(
                                    400,
                                    40002,
                                    "Records can only be deleted where cleanup.policy has delete.")
                            .asException();
            case DeleteOutcome.PartitionGone gone -> throw TopicAccess.noTopic().asException();
        };
    }
}
