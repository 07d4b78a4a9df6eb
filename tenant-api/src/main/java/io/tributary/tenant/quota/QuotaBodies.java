package io.tributary.tenant.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.quota.Allowance;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Quotas as JSON: whole numbers by name, or {@code "unlimited"}. */
public final class QuotaBodies {
    private QuotaBodies() {}

    /** What a tenant may: all of it, what is not said is the default. */
    public record AllowanceRequest(String plan, Map<String, JsonNode> quotas) {
        Allowance allowance() {
            return new Allowance(Optional.ofNullable(plan), read(quotas));
        }
    }

    /** What a key may: all of it, likewise. */
    public record KeyQuotasRequest(Map<String, JsonNode> quotas) {
        Quotas read() {
            return QuotaBodies.read(quotas);
        }
    }

    /** What a tenant may, where that comes from, and what it uses. */
    public record QuotasAnswer(
            String tenantId,
            String plan,
            Map<String, Object> ownQuotas,
            Map<String, Object> quotas,
            Map<String, Object> usage) {
        static QuotasAnswer of(QuotaService.OfTenant found) {
            return new QuotasAnswer(
                    found.tenant().id().value(),
                    found.plan(),
                    written(found.own().values()),
                    written(found.limits().values()),
                    written(found.used()));
        }
    }

    /** What a key may, and what it uses. */
    public record KeyQuotasAnswer(
            String apiKeyId,
            Map<String, Object> ownQuotas,
            Map<String, Object> quotas,
            Map<String, Object> usage) {
        static KeyQuotasAnswer of(QuotaService.OfKey found) {
            return new KeyQuotasAnswer(
                    found.keyId(),
                    written(found.own().values()),
                    written(found.limits().values()),
                    written(found.used()));
        }
    }

    /** A plan. */
    public record PlanAnswer(String name, boolean isDefault, Map<String, Object> quotas) {}

    /** All plans. */
    public record PlansAnswer(List<PlanAnswer> data) {
        static PlansAnswer of(Plans plans) {
            return new PlansAnswer(
                    plans.byName().entrySet().stream()
                            .map(
                                    plan ->
                                            new PlanAnswer(
                                                    plan.getKey(),
                                                    plan.getKey().equals(plans.byDefault()),
                                                    written(plan.getValue().values())))
                            .toList());
        }
    }

    private static Map<String, Object> written(Map<Quota, Long> values) {
        Map<String, Object> written = new LinkedHashMap<>();
        Arrays.stream(Quota.values())
                .filter(values::containsKey)
                .forEach(quota -> written.put(quota.label(), written(values.get(quota))));
        return written;
    }

    private static Object written(long value) {
        return value == Quotas.UNLIMITED ? Quotas.UNLIMITED_TEXT : (Object) value;
    }

    private static Quotas read(Map<String, JsonNode> quotas) {
        if (quotas == null) {
            throw Problem.of(400, "quotas is missing; {} for none.").asException();
        }
        Map<Quota, Long> values = new EnumMap<>(Quota.class);
        quotas.forEach(
                (name, value) -> {
                    Quota quota = Quota.labelled(name).orElseThrow(() -> unknown(name));
                    values.put(quota, read(quota, value));
                });
        return new Quotas(values);
    }

    private static long read(Quota quota, JsonNode value) {
        if (value.isTextual() && value.asText().equals(Quotas.UNLIMITED_TEXT)) {
            return Quotas.UNLIMITED;
        }
        if (value.isIntegralNumber()
                && value.canConvertToLong()
                && value.asLong() >= quota.least()
                && value.asLong() <= Quotas.MOST) {
            return value.asLong();
        }
        throw Problem.of(
                        400,
                        "quotas."
                                + quota.label()
                                + " must be a whole number from "
                                + quota.least()
                                + " to "
                                + Quotas.MOST
                                + ", or \"unlimited\".")
                .asException();
    }

    private static ProblemException unknown(String name) {
        return Problem.of(
                        400,
                        "Unknown quota: "
                                + name
                                + "; there are "
                                + Arrays.stream(Quota.values())
                                        .map(Quota::label)
                                        .collect(Collectors.joining(", "))
                                + ".")
                .asException();
    }
}
