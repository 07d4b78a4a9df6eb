package io.tributary.ingest.kafka.quota;

import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntityData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntryData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.ValueData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterClientQuotasRequest;
import org.apache.kafka.common.requests.AlterClientQuotasResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeClientQuotasRequest;
import org.apache.kafka.common.requests.DescribeClientQuotasResponse;

/**
 * Quotas as Kafka has them: a user is an API key, and the default user, who cannot be changed, is
 * the tenant. Blocks.
 */
public final class QuotasApi {
    /** Ours by Kafka's names, where it has one. */
    private static final Map<String, Quota> NAMES =
            Map.of(
                    "producer_byte_rate", Quota.PRODUCE_BYTES_PER_SECOND,
                    "consumer_byte_rate", Quota.FETCH_BYTES_PER_SECOND,
                    "requests_per_second", Quota.REQUESTS_PER_SECOND,
                    "connections", Quota.CONNECTIONS);

    private static final byte MATCH_EXACT = 0;
    private static final byte MATCH_DEFAULT = 1;
    private static final byte MATCH_ANY = 2;

    private final QuotaAdmin admin;

    public QuotasApi(QuotaAdmin admin) {
        this.admin = admin;
    }

    public AbstractResponse describe(KafkaRequest request) throws IOException {
        DescribeClientQuotasRequest asked = (DescribeClientQuotasRequest) request.body();
        Principal who = request.session().who();
        if (who.role() != Role.ADMIN) {
            return asked.getErrorResponse(0, Errors.CLUSTER_AUTHORIZATION_FAILED.exception());
        }
        try {
            return new DescribeClientQuotasResponse(
                    new DescribeClientQuotasResponseData().setEntries(entries(who, asked.data())));
        } catch (ApiException e) {
            return asked.getErrorResponse(0, e);
        }
    }

    private List<EntryData> entries(Principal who, DescribeClientQuotasRequestData asked)
            throws IOException {
        List<EntryData> found = new ArrayList<>();
        if (matches(asked, Optional.empty())) {
            found.add(entry(null, admin.tenant(who)));
        }
        for (QuotaAdmin.KeyQuotas key : admin.keys(who)) {
            if (matches(asked, Optional.of(key.keyId()))) {
                found.add(entry(key.keyId(), key.limits()));
            }
        }
        return found;
    }

    /**
     * Whether what is asked for is a user.
     *
     * @param keyId empty for the default one
     */
    private static boolean matches(DescribeClientQuotasRequestData asked, Optional<String> keyId) {
        boolean matches = true;
        for (ComponentData component : asked.components()) {
            String type = component.entityType();
            if (!ClientQuotaEntity.isValidEntityType(type)) {
                throw Errors.UNSUPPORTED_VERSION.exception("There is no entity type " + type);
            }
            boolean same =
                    switch (component.matchType()) {
                        case MATCH_EXACT ->
                                keyId.equals(Optional.ofNullable(component.match()))
                                        && component.match() != null;
                        case MATCH_DEFAULT -> keyId.isEmpty();
                        case MATCH_ANY -> true;
                        default ->
                                throw Errors.INVALID_REQUEST.exception(
                                        "There is no match type " + component.matchType());
                    };
            matches &= same && type.equals(ClientQuotaEntity.USER);
        }
        return matches;
    }

    private static EntryData entry(String user, Quotas quotas) {
        EntryData entry = new EntryData();
        entry.entity()
                .add(new EntityData().setEntityType(ClientQuotaEntity.USER).setEntityName(user));
        NAMES.forEach(
                (name, quota) -> {
                    if (quotas.limit(quota) != Quotas.UNLIMITED) {
                        entry.values()
                                .add(
                                        new ValueData()
                                                .setKey(name)
                                                .setValue((double) quotas.limit(quota)));
                    }
                });
        return entry;
    }

    public AbstractResponse alter(KafkaRequest request) {
        AlterClientQuotasRequestData asked = ((AlterClientQuotasRequest) request.body()).data();
        AlterClientQuotasResponseData answer = new AlterClientQuotasResponseData();
        for (AlterClientQuotasRequestData.EntryData entry : asked.entries()) {
            ApiError result = alter(request.session().who(), entry, asked.validateOnly());
            AlterClientQuotasResponseData.EntryData said =
                    new AlterClientQuotasResponseData.EntryData()
                            .setErrorCode(result.error().code())
                            .setErrorMessage(result.message());
            entry.entity()
                    .forEach(
                            one ->
                                    said.entity()
                                            .add(
                                                    new AlterClientQuotasResponseData.EntityData()
                                                            .setEntityType(one.entityType())
                                                            .setEntityName(one.entityName())));
            answer.entries().add(said);
        }
        return new AlterClientQuotasResponse(answer);
    }

    private ApiError alter(
            Principal who, AlterClientQuotasRequestData.EntryData asked, boolean validateOnly) {
        if (who.role() != Role.ADMIN) {
            return new ApiError(
                    Errors.CLUSTER_AUTHORIZATION_FAILED, "Only an ADMIN key may change quotas.");
        }
        if (asked.entity().size() != 1
                || !asked.entity().getFirst().entityType().equals(ClientQuotaEntity.USER)) {
            return invalid("Quotas are those of a user, which is the id of an API key.");
        }
        String keyId = asked.entity().getFirst().entityName();
        if (keyId == null) {
            return invalid("The tenant's own quotas are the operator's to change.");
        }
        try {
            return admin.change(who, keyId, own -> changed(own, asked.ops()), validateOnly)
                    ? ApiError.NONE
                    : invalid("There is no API key " + keyId + ".");
        } catch (ApiException e) {
            return ApiError.fromThrowable(e);
        } catch (ProblemException e) {
            return new ApiError(KafkaErrors.of(e), e.problem().message());
        } catch (IOException | RuntimeException e) {
            return new ApiError(KafkaErrors.of(e));
        }
    }

    private static ApiError invalid(String why) {
        return new ApiError(Errors.INVALID_REQUEST, why);
    }

    private static Quotas changed(Quotas before, List<OpData> changes) {
        Map<Quota, Long> values = new EnumMap<>(Quota.class);
        values.putAll(before.values());
        for (OpData change : changes) {
            Quota quota = NAMES.get(change.key());
            if (quota == null) {
                throw Errors.INVALID_REQUEST.exception(
                        "There is no quota "
                                + change.key()
                                + "; there are "
                                + String.join(", ", NAMES.keySet().stream().sorted().toList()));
            }
            if (change.remove()) {
                values.remove(quota);
                continue;
            }
            double value = change.value();
            if (value != Math.rint(value) || value < quota.least() || value > Quotas.MOST) {
                throw Errors.INVALID_REQUEST.exception(
                        change.key()
                                + " must be a whole number from "
                                + quota.least()
                                + " to "
                                + Quotas.MOST);
            }
            values.put(quota, (long) value);
        }
        return new Quotas(values);
    }
}
