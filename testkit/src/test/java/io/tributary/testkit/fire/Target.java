package io.tributary.testkit.fire;

import io.tributary.testkit.Api;
import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.Service;
import java.io.IOException;

/** The service as clients reach it now; it may be another process, elsewhere, in a moment. */
final class Target {
    private record Now(Tenant tenant, Api operator) {}

    private final Tenant first;
    private volatile Now now;

    /** Signs up with the service. */
    Target(Service service) throws IOException {
        Api api = Api.of(service);
        first = api.signUp("fire");
        now = new Now(first, api.as(service.operatorKey()));
    }

    /** The service has moved. */
    void moved(Service service) throws IOException {
        Api api = Api.of(service);
        now =
                new Now(
                        new Tenant(
                                first.tenantId(),
                                first.clusterId(),
                                first.keyId(),
                                api.withAuthorization(first.api().authorization())),
                        api.as(service.operatorKey()));
    }

    Tenant tenant() {
        return now.tenant();
    }

    Api operator() {
        return now.operator();
    }
}
