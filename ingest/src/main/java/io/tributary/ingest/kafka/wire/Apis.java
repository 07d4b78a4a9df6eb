package io.tributary.ingest.kafka.wire;

import io.vertx.core.buffer.Buffer;
import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** The APIs that are served, in every version that Kafka's own messages have of them. */
final class Apis {
    static final Set<ApiKeys> SERVED =
            EnumSet.of(
                    ApiKeys.API_VERSIONS,
                    ApiKeys.SASL_HANDSHAKE,
                    ApiKeys.SASL_AUTHENTICATE,
                    ApiKeys.METADATA,
                    ApiKeys.DESCRIBE_CLUSTER,
                    ApiKeys.PRODUCE,
                    ApiKeys.INIT_PRODUCER_ID,
                    ApiKeys.FETCH,
                    ApiKeys.LIST_OFFSETS,
                    ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DELETE_TOPICS,
                    ApiKeys.CREATE_PARTITIONS,
                    ApiKeys.DESCRIBE_CONFIGS,
                    ApiKeys.LIST_CONFIG_RESOURCES,
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                    ApiKeys.ALTER_CONFIGS,
                    ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                    ApiKeys.DESCRIBE_PRODUCERS,
                    ApiKeys.DESCRIBE_LOG_DIRS,
                    ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                    ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
                    ApiKeys.ELECT_LEADERS,
                    ApiKeys.DELETE_RECORDS,
                    ApiKeys.DESCRIBE_ACLS,
                    ApiKeys.CREATE_ACLS,
                    ApiKeys.DELETE_ACLS,
                    ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                    ApiKeys.ALTER_CLIENT_QUOTAS,
                    ApiKeys.FIND_COORDINATOR,
                    ApiKeys.JOIN_GROUP,
                    ApiKeys.SYNC_GROUP,
                    ApiKeys.HEARTBEAT,
                    ApiKeys.LEAVE_GROUP,
                    ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                    ApiKeys.OFFSET_COMMIT,
                    ApiKeys.OFFSET_FETCH,
                    ApiKeys.OFFSET_DELETE,
                    ApiKeys.LIST_GROUPS,
                    ApiKeys.DESCRIBE_GROUPS,
                    ApiKeys.CONSUMER_GROUP_DESCRIBE,
                    ApiKeys.DELETE_GROUPS);

    private static final short OLDEST = 0;
    private static final short OLDEST_HEADER = 1;

    private Apis() {}

    static boolean serves(short key, short version) {
        if (!ApiKeys.hasId(key) || !SERVED.contains(ApiKeys.forId(key))) {
            return false;
        }
        ApiKeys api = ApiKeys.forId(key);
        return version >= api.oldestVersion() && version <= api.latestVersion(false);
    }

    static ApiVersionsResponse versions(ApiVersionsRequest request) {
        ApiVersionsResponseData data = new ApiVersionsResponseData();
        if (!request.isValid()) {
            return new ApiVersionsResponse(data.setErrorCode(Errors.INVALID_REQUEST.code()));
        }
        for (ApiKeys api : SERVED) {
            api.toApiVersion(false).ifPresent(data.apiKeys()::add);
        }
        // As Kafka does, for librdkafka before 2.6 turns compression off where it does not see it.
        data.apiKeys().find(ApiKeys.PRODUCE.id).setMinVersion(OLDEST);
        return new ApiVersionsResponse(data);
    }

    /**
     * What a client is told that asks for the versions in a way not known yet: in the oldest way,
     * which it knows.
     */
    static Buffer unsupported(int correlationId) {
        ApiVersionsResponseData data =
                new ApiVersionsResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        ApiKeys.API_VERSIONS.toApiVersion(false).ifPresent(data.apiKeys()::add);
        return Response.encode(
                new ApiVersionsResponse(data),
                new RequestHeader(
                        new RequestHeaderData()
                                .setRequestApiKey(ApiKeys.API_VERSIONS.id)
                                .setRequestApiVersion(OLDEST)
                                .setCorrelationId(correlationId),
                        OLDEST_HEADER));
    }
}
