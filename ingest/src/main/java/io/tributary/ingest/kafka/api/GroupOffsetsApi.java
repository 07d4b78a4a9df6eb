package io.tributary.ingest.kafka.api;

import io.tributary.ingest.group.GroupCaller;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;

/** Commits offsets, looks them up and deletes them. */
final class GroupOffsetsApi {
    private final TenantGroups groups;

    GroupOffsetsApi(TenantGroups groups) {
        this.groups = groups;
    }

    void commit(KafkaRequest request) {
        Later.answer(
                request,
                groups.commitOffsets(
                        GroupMembersApi.caller(request),
                        ((OffsetCommitRequest) request.body()).data()),
                OffsetCommitResponse::new);
    }

    void fetch(KafkaRequest request) {
        OffsetFetchRequest asked = (OffsetFetchRequest) request.body();
        GroupCaller caller = GroupMembersApi.caller(request);
        List<CompletableFuture<OffsetFetchResponseGroup>> answers =
                asked.groups().stream()
                        .map(group -> groups.fetchOffsets(caller, group, asked.requireStable()))
                        .toList();
        Later.answer(
                request,
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                        .thenApply(done -> answers.stream().map(CompletableFuture::join).toList()),
                all -> new OffsetFetchResponse.Builder(all).build(request.version()));
    }

    void delete(KafkaRequest request) {
        Later.answer(
                request,
                groups.deleteOffsets(
                        GroupMembersApi.caller(request),
                        ((OffsetDeleteRequest) request.body()).data()),
                OffsetDeleteResponse::new);
    }
}
