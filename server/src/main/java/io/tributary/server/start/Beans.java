package io.tributary.server.start;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingest.HttpDoor;
import io.tributary.ingest.consumer.ConsumerNode;
import io.tributary.ingest.consumer.Instances;
import io.tributary.ingest.door.AttemptLimiter;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Stopping;
import io.tributary.ingest.quota.Accounts;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.server.node.ConfiguredTopics;
import io.tributary.server.node.Node;
import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.Options;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.access.RateLimiter;
import io.tributary.tenant.broker.BrokerConfigService;
import io.tributary.tenant.quota.QuotaService;
import io.tributary.tenant.signup.TenantService;
import io.tributary.tenant.token.Tokens;
import io.tributary.tenant.topic.ShardPlacement;
import io.tributary.tenant.topic.TopicService;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The node and its services, for resources and routes. */
final class Beans {
    /** Failed authentications an address may have, in the long run and in a row. */
    private static final double FAILURES_PER_SECOND = 5;

    private static final int FAILURES_AT_ONCE = 100;

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
                node.directory().apiKeys(), node.secrets(), node.clock(), node.limits());
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
        return new TopicService(
                node.directory().topics(),
                ShardPlacement.spread(node.settings().storage().shards()),
                node.secrets(),
                node.clock(),
                node.settings().limits().partitionsPerTopic(),
                node.limits(),
                node.brokers());
    }

    @Produces
    @Singleton
    BrokerConfigService brokerConfigs(Node node) {
        return new BrokerConfigService(node.directory().tenants(), node.brokers());
    }

    @Produces
    @Singleton
    Stopping stopping() {
        return new Stopping();
    }

    @Produces
    @Singleton
    Metrics metrics(Node node, MeterRegistry registry) {
        Metrics metrics = new Metrics(registry);
        metrics.watch(node.shards());
        metrics.watchScrubs(node.shards());
        metrics.watch(node.caches());
        metrics.watch(node.reserve());
        metrics.watch(node.coordination());
        new ShardMetrics(registry, node).register();
        metrics.watch(node.backup(), node.clock());
        return metrics;
    }

    @Produces
    @Singleton
    Accounts accounts(Node node, Metrics metrics) {
        int connections = node.brokers().node().number(BrokerConfigs.MAX_CONNECTIONS);
        // No tenant leaves less than half of them to the others.
        return new Accounts(node.limits(), node.ticks(), metrics, Math.max(1, connections / 2));
    }

    @Produces
    @Singleton
    QuotaService quotas(Node node, Accounts accounts) {
        return new QuotaService(
                node.directory().tenants(),
                node.directory().apiKeys(),
                node.directory().topics(),
                node.limits(),
                accounts);
    }

    @Produces
    @Singleton
    IngestNode ingest(Node node, Stopping stopping, Metrics metrics, Accounts accounts) {
        RateLimiter failures = new RateLimiter(FAILURES_PER_SECOND, FAILURES_AT_ONCE, node.clock());
        return new IngestNode(
                node.authenticator(),
                new AttemptLimiter() {
                    @Override
                    public Optional<Duration> blockedFor(String address) {
                        return failures.blockedFor(address);
                    }

                    @Override
                    public void failed(String address) {
                        failures.take(address);
                    }
                },
                accounts,
                node.directory().topics(),
                topic -> ConfiguredTopics.of(node.brokers().configs(topic)),
                node.shards(),
                node.background(),
                node.clock(),
                node.secrets().random(),
                metrics,
                stopping,
                node.settings().benchCeiling());
    }

    @Produces
    @Singleton
    Instances instances(Node node, IngestNode ingest, Metrics metrics) {
        Instances instances =
                new Instances(
                        new ConsumerNode(
                                ingest,
                                node.coordination().groups(),
                                node.instanceLog(),
                                node.scheduler(),
                                node.settings().limits().consumerInstanceTimeout()));
        metrics.watch(instances);
        return instances;
    }

    void close(@Disposes Instances instances) {
        instances.close();
    }

    @Produces
    @Singleton
    HttpDoor door(IngestNode ingest, TopicService topics, Instances instances) {
        instances.start();
        return new HttpDoor(ingest, new TenantTopics(topics), instances);
    }

    @Produces
    @Singleton
    Tokens tokens(Node node) {
        return node.tokens();
    }
}
