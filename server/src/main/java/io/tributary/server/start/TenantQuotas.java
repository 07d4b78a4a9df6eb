package io.tributary.server.start;

import io.tributary.ingest.kafka.quota.QuotaAdmin;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.quota.Quotas;
import io.tributary.tenant.quota.QuotaService;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

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

    private static KeyQuotas quotas(QuotaService.OfKey key) {
        return new KeyQuotas(key.keyId(), key.limits());
    }

    @Override
    public boolean change(
            Principal who, String keyId, UnaryOperator<Quotas> change, boolean validateOnly)
            throws IOException {
        try {
            var _ = quotas.changeKey(who, QuotaService.SELF, keyId, change, validateOnly);
            return true;
        } catch (ProblemException e) {
            if (e.problem().status() != 404) {
                throw e;
            }
            return false;
        }
    }
}
