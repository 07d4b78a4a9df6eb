package io.tributary.server.start;

import io.tributary.ingest.kafka.quota.QuotaAdmin;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.quota.Quotas;
import io.tributary.tenant.quota.QuotaService;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What Kafka clients do with quotas, by the rules of {@link QuotaService}. */
final class TenantQuotas implements QuotaAdmin {
    private final QuotaService quotas;

    TenantQuotas(QuotaService quotas) {
        this.quotas = quotas;
    }

    @Override
    public Quotas tenant(Principal who) throws IOException {
        return quotas.get(who, QuotaService.SELF).limits();
    }

    @Override
    public List<KeyQuotas> keys(Principal who) throws IOException {
        return quotas.keys(who).stream().map(TenantQuotas::quotas).toList();
    }

    @Override
    public Optional<KeyQuotas> key(Principal who, String keyId) throws IOException {
        try {
            return Optional.of(quotas(quotas.key(who, QuotaService.SELF, keyId)));
        } catch (ProblemException e) {
            if (e.problem().status() != 404) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static KeyQuotas quotas(QuotaService.OfKey key) {
        return new KeyQuotas(key.keyId(), key.own(), key.limits());
    }

    @Override
    public void set(Principal who, String keyId, Quotas values, boolean validateOnly)
            throws IOException {
        var _ = quotas.setKey(who, QuotaService.SELF, keyId, values, validateOnly);
    }
}
