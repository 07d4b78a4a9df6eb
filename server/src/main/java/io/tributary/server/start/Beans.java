package io.tributary.server.start;

import io.tributary.server.node.Node;
import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.Options;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.signup.TenantService;
import io.tributary.tenant.token.Tokens;
import io.tributary.tenant.topic.ShardPlacement;
import io.tributary.tenant.topic.TopicService;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The node and its services, for resources and routes. */
final class Beans {
    /** Opens the node as the process was told; {@link Main} left the options as properties. */
    @Produces
    @Singleton
    Node node() throws IOException {
        return new Node(
                Options.read(
                        List.of(),
                        name -> Optional.ofNullable(System.getProperty(name)),
                        name -> Optional.ofNullable(System.getenv(name))));
    }

    void close(@Disposes Node node) {
        node.close();
    }

    @Produces
    @Singleton
    ApiKeyService apiKeys(Node node) {
        return new ApiKeyService(
                node.directory().apiKeys(),
                node.secrets(),
                node.clock(),
                node.settings().limits().keysPerTenant());
    }

    @Produces
    @Singleton
    TenantService tenants(Node node, ApiKeyService keys) {
        NodeSettings.SignUp signUp = node.settings().signUp();
        return new TenantService(
                node.directory().tenants(),
                keys,
                node.secrets(),
                node.clock(),
                new TenantService.Policy(
                        signUp.policy() == NodeSettings.SignUpPolicy.OPEN,
                        signUp.perMinuteAndAddress(),
                        node.settings().limits().tenants()));
    }

    @Produces
    @Singleton
    TopicService topics(Node node) {
        NodeSettings.Limits limits = node.settings().limits();
        return new TopicService(
                node.directory().topics(),
                ShardPlacement.spread(node.settings().storage().shards()),
                node.secrets(),
                node.clock(),
                new TopicService.Limits(
                        limits.topicsPerTenant(),
                        limits.partitionsPerTopic(),
                        limits.partitionsPerTenant()));
    }

    @Produces
    @Singleton
    Tokens tokens(Node node) {
        return node.tokens();
    }
}
