package io.tributary.ingest.group;

import io.tributary.metadata.access.Operation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.AclCreateResult;
import org.apache.kafka.server.authorizer.AclDeleteResult;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;

/**
 * Tells the coordinator which topics a regular expression may find: those of the caller's tenant
 * that the caller may consume, whatever the expression says.
 */
final class TopicGuard implements Authorizer {
    @Override
    public List<AuthorizationResult> authorize(
            AuthorizableRequestContext context, List<Action> actions) {
        return actions.stream()
                .map(
                        action ->
                                allowed(context, action)
                                        ? AuthorizationResult.ALLOWED
                                        : AuthorizationResult.DENIED)
                .toList();
    }

    private static boolean allowed(AuthorizableRequestContext context, Action action) {
        if (!(context instanceof CallerContext(GroupCaller caller, var _))
                || action.resourcePattern().resourceType() != ResourceType.TOPIC) {
            return false;
        }
        Scope scope = Scope.of(caller.tenant());
        String topic = action.resourcePattern().name();
        return scope.owns(topic) && caller.who().may(Operation.CONSUME, scope.out(topic));
    }

    @Override
    public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo info) {
        return Map.of();
    }

    @Override
    public List<? extends CompletionStage<AclCreateResult>> createAcls(
            AuthorizableRequestContext context, List<AclBinding> bindings) {
        return bindings.stream()
                .map(one -> CompletableFuture.<AclCreateResult>failedFuture(noLists()))
                .toList();
    }

    @Override
    public List<? extends CompletionStage<AclDeleteResult>> deleteAcls(
            AuthorizableRequestContext context, List<AclBindingFilter> filters) {
        return filters.stream()
                .map(one -> CompletableFuture.<AclDeleteResult>failedFuture(noLists()))
                .toList();
    }

    @Override
    public Iterable<AclBinding> acls(AclBindingFilter filter) {
        return List.of();
    }

    private static UnsupportedOperationException noLists() {
        return new UnsupportedOperationException("rights are the keys' grants");
    }

    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public void close() {}
}
