package io.tributary.ingest.group;

import java.net.InetAddress;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/** A caller as the coordinator wants to see one. */
record CallerContext(GroupCaller caller, ApiKeys api) implements AuthorizableRequestContext {
    private static final String LISTENER = "tenant";

    @Override
    public String listenerName() {
        return LISTENER;
    }

    @Override
    public SecurityProtocol securityProtocol() {
        return SecurityProtocol.SASL_SSL;
    }

    @Override
    public KafkaPrincipal principal() {
        return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, caller.who().keyId());
    }

    @Override
    public InetAddress clientAddress() {
        return caller.address();
    }

    @Override
    public int requestType() {
        return api.id;
    }

    @Override
    public int requestVersion() {
        return caller.version();
    }

    @Override
    public String clientId() {
        return caller.clientId();
    }

    @Override
    public int correlationId() {
        return 0;
    }
}
