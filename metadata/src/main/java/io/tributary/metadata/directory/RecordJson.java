package io.tributary.metadata.directory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.quota.Allowance;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Tenants, keys and topics as the JSON that is stored. Every record carries its version; an unknown
 * one, or a damaged record, is refused with the record's path.
 */
final class RecordJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;

    private RecordJson() {}

    /**
     * A tenant, and whether its removal has begun: then it counts as gone.
     *
     * @param removing set before the first thing of the tenant is removed
     */
    record StoredTenant(Tenant tenant, boolean removing) {}

    static byte[] write(StoredTenant stored) {
        Tenant tenant = stored.tenant();
        ObjectNode out = versioned();
        out.put("id", tenant.id().value()).put("name", tenant.name());
        out.put("state", tenant.state().name()).put("created_at", tenant.createdAt().toString());
        if (!tenant.brokerConfigs().isEmpty()) {
            ObjectNode configs = out.putObject("broker_configs");
            new TreeMap<>(tenant.brokerConfigs()).forEach(configs::put);
        }
        tenant.allowance().plan().ifPresent(plan -> out.put("plan", plan));
        write(out, tenant.allowance().own());
        return bytes(out.put("removing", stored.removing()));
    }

    static StoredTenant tenant(String path, byte[] value) {
        return read(
                path,
                value,
                in ->
                        new StoredTenant(
                                new Tenant(
                                        new TenantId(text(in, "id")),
                                        text(in, "name"),
                                        Tenant.State.valueOf(text(in, "state")),
                                        Instant.parse(text(in, "created_at")),
                                        texts(in.path("broker_configs")),
                                        new Allowance(optional(in, "plan"), quotas(in))),
                                in.path("removing").asBoolean()));
    }

    private static void write(ObjectNode out, Quotas quotas) {
        if (!quotas.values().isEmpty()) {
            ObjectNode values = out.putObject("quotas");
            new TreeMap<>(quotas.values())
                    .forEach((quota, value) -> values.put(quota.label(), Quotas.text(value)));
        }
    }

    private static Quotas quotas(JsonNode in) {
        Map<Quota, Long> values = new EnumMap<>(Quota.class);
        for (Map.Entry<String, JsonNode> value : in.path("quotas").properties()) {
            String text = value.getValue().asText();
            values.put(
                    Quota.labelled(value.getKey())
                            .orElseThrow(() -> new IllegalArgumentException(value.getKey())),
                    text.equals(Quotas.UNLIMITED_TEXT) ? Quotas.UNLIMITED : Long.parseLong(text));
        }
        return new Quotas(values);
    }

    static byte[] write(ApiKey key) {
        ObjectNode out = versioned();
        out.put("id", key.id()).put("role", key.role().name());
        key.tenant().ifPresent(tenant -> out.put("tenant", tenant.value()));
        out.put("salt", key.secretHash().salt()).put("hash", key.secretHash().hash());
        out.put("description", key.description());
        ArrayNode grants = out.putArray("grants");
        for (Grant grant : key.grants()) {
            grants.addObject()
                    .put("operation", grant.operation().name())
                    .put("pattern", grant.pattern().name())
                    .put("topic", grant.topic());
        }
        out.put("created_at", key.createdAt().toString());
        key.expiresAt().ifPresent(at -> out.put("expires_at", at.toString()));
        write(out, key.quotas());
        return bytes(out);
    }

    static ApiKey key(String path, byte[] value) {
        return read(
                path,
                value,
                in -> {
                    List<Grant> grants = new ArrayList<>();
                    for (JsonNode grant : in.path("grants")) {
                        grants.add(
                                new Grant(
                                        Operation.valueOf(text(grant, "operation")),
                                        Grant.Pattern.valueOf(text(grant, "pattern")),
                                        text(grant, "topic")));
                    }
                    return new ApiKey(
                            text(in, "id"),
                            optional(in, "tenant").map(TenantId::new),
                            Role.valueOf(text(in, "role")),
                            new SecretHash(text(in, "salt"), text(in, "hash")),
                            text(in, "description"),
                            grants,
                            Instant.parse(text(in, "created_at")),
                            optional(in, "expires_at").map(Instant::parse),
                            Optional.empty(),
                            quotas(in));
                });
    }

    static byte[] write(Topic topic) {
        ObjectNode out = versioned();
        out.put("id", topic.id().toString()).put("tenant", topic.tenant().value());
        out.put("name", topic.name());
        ArrayNode shards = out.putArray("shards");
        topic.shards().forEach(shard -> shards.add(shard.index()));
        if (!topic.earlierPartitions().isEmpty()) {
            ArrayNode earlier = out.putArray("earlier_partitions");
            topic.earlierPartitions().forEach(earlier::add);
        }
        ObjectNode configs = out.putObject("configs");
        new TreeMap<>(topic.configs()).forEach(configs::put);
        return bytes(out.put("created_at", topic.createdAt().toString()));
    }

    static Topic topic(String path, byte[] value) {
        return read(
                path,
                value,
                in -> {
                    List<ShardId> shards = new ArrayList<>();
                    in.path("shards").forEach(shard -> shards.add(new ShardId(shard.asInt())));
                    List<Integer> earlier = new ArrayList<>();
                    in.path("earlier_partitions").forEach(count -> earlier.add(count.asInt()));
                    return new Topic(
                            new TopicId(UUID.fromString(text(in, "id"))),
                            new TenantId(text(in, "tenant")),
                            text(in, "name"),
                            shards,
                            earlier,
                            texts(in.path("configs")),
                            Instant.parse(text(in, "created_at")));
                });
    }

    private static Map<String, String> texts(JsonNode fields) {
        Map<String, String> texts = new TreeMap<>();
        fields.properties().forEach(one -> texts.put(one.getKey(), one.getValue().asText()));
        return texts;
    }

    private interface Reader<T> {
        T read(JsonNode in);
    }

    private static <T> T read(String path, byte[] value, Reader<T> reader) {
        try {
            JsonNode in = JSON.readTree(value);
            int version = in.path("version").asInt();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "version " + version + ", this release reads " + VERSION);
            }
            return reader.read(in);
        } catch (IOException | RuntimeException e) {
            throw new UncheckedIOException(
                    new IOException(
                            "metadata record " + path + " is damaged: " + e.getMessage(), e));
        }
    }

    private static String text(JsonNode in, String field) {
        return optional(in, field).orElseThrow(() -> new IllegalArgumentException("no " + field));
    }

    private static Optional<String> optional(JsonNode in, String field) {
        return Optional.ofNullable(in.get(field)).map(JsonNode::asText);
    }

    private static ObjectNode versioned() {
        return JSON.createObjectNode().put("version", VERSION);
    }

    private static byte[] bytes(ObjectNode out) {
        try {
            return JSON.writeValueAsBytes(out);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
        }
    }
}
