package io.tributary.server.option;

import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How much tenants may have and do: the plans. */
final class QuotaOptions {
    private static final int MOST = 10_000_000;
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final long MIB = 1L << 20;

    private static final Option<Integer> TOPICS = count("topics", "10000", "topics of a tenant");
    private static final Option<Integer> PARTITIONS =
            count("partitions", "20000", "partitions of a tenant");
    private static final Option<Integer> KEYS = count("keys", "1000", "API keys of a tenant");
    private static final Option<Optional<Path>> PLANS =
            new Option<>(
                    "plans",
                    "",
                    "file of plans, one a line: NAME quota=value …, see docs/operations.md",
                    Values.optional(Values::path));
    private static final Option<String> DEFAULT_PLAN =
            new Option<>(
                    "default-plan",
                    Plans.DEFAULT,
                    "the plan of tenants without one",
                    PlanFile::name);

    static final List<Option<?>> ALL = List.of(TOPICS, PARTITIONS, KEYS, PLANS, DEFAULT_PLAN);

    private QuotaOptions() {}

    private static Option<Integer> count(String what, String byDefault, String description) {
        return new Option<>(
                "max-" + what + "-per-tenant", byDefault, description, Values.number(1, MOST));
    }

    /**
     * The plans: those of the file, and {@link Plans#DEFAULT}. What a plan does not say is as in
     * what comes with the service.
     *
     * @throws OptionException the file cannot be read, or says what cannot be
     */
    static Plans plans(Arguments arguments) {
        Quotas generous =
                new Quotas(
                        Map.of(
                                Quota.PRODUCE_BYTES_PER_SECOND,
                                256 * MIB,
                                Quota.FETCH_BYTES_PER_SECOND,
                                1_024 * MIB,
                                Quota.REQUESTS_PER_SECOND,
                                50_000L,
                                Quota.CONNECTIONS,
                                1_000L,
                                Quota.TOPICS,
                                (long) arguments.get(TOPICS),
                                Quota.PARTITIONS,
                                (long) arguments.get(PARTITIONS),
                                Quota.API_KEYS,
                                (long) arguments.get(KEYS),
                                Quota.CONSUMER_GROUPS,
                                10_000L));
        Map<String, Quotas> plans = new TreeMap<>();
        plans.put(Plans.DEFAULT, generous);
        arguments
                .get(PLANS)
                .ifPresent(
                        file ->
                                read(file)
                                        .forEach(
                                                (name, own) ->
                                                        plans.put(name, own.over(generous))));
        String byDefault = arguments.get(DEFAULT_PLAN);
        if (!plans.containsKey(byDefault)) {
            throw new OptionException(
                    "Option --default-plan: there is no plan "
                            + byDefault
                            + "; there are: "
                            + String.join(", ", plans.keySet())
                            + ".");
        }
        return new Plans(plans, byDefault);
    }

    private static Map<String, Quotas> read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new OptionException(
                        "Option --plans: " + file + " has more than " + MAX_FILE_BYTES + " bytes.");
            }
            return PlanFile.read(Files.readString(file));
        } catch (IOException e) {
            throw new OptionException("Option --plans: " + file + " cannot be read: " + e);
        } catch (IllegalArgumentException e) {
            throw new OptionException("Option --plans: " + file + ", " + e.getMessage() + ".");
        }
    }
}
