package io.tributary.server.start;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.kafka.api.KafkaApis;
import io.tributary.ingest.kafka.wire.Endpoint;
import io.tributary.ingest.kafka.wire.KafkaServer;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.producer.ProducerIds;
import io.tributary.server.node.DevelopmentTenant;
import io.tributary.server.node.Node;
import io.tributary.server.option.NodeSettings;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.quota.QuotaService;
import io.tributary.tenant.signup.TenantService;
import io.tributary.tenant.topic.TopicService;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports for Kafka clients that the options ask for. */
@Singleton
final class KafkaListeners {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaListeners.class);
    private static final String PORT = "kafka-port";
    private static final String TLS_PORT = "kafka-tls-port";
    private static final String DEV_PORT = "kafka-dev-port";
    private static final String LOOPBACK = "localhost";

    private final Vertx vertx;
    private final Node node;
    private final IngestNode ingest;
    private final TopicService topics;
    private final ApiKeyService keys;
    private final TenantService tenants;
    private final QuotaService quotas;
    private Optional<KafkaServer> server = Optional.empty();

    KafkaListeners(
            Vertx vertx,
            Node node,
            IngestNode ingest,
            TopicService topics,
            ApiKeyService keys,
            TenantService tenants,
            QuotaService quotas) {
        this.vertx = vertx;
        this.node = node;
        this.ingest = ingest;
        this.topics = topics;
        this.keys = keys;
        this.tenants = tenants;
        this.quotas = quotas;
    }

    /**
     * Finds out whether every port can be had.
     *
     * @throws IOException one is taken
     */
    static void check(NodeSettings settings) throws IOException {
        NodeSettings.Kafka kafka = settings.kafka();
        check(PORT, "kafka-bind-address", kafka.bindAddress(), kafka.port());
        check(TLS_PORT, "bind-address", settings.listener().bindAddress(), kafka.tlsPort());
        check(DEV_PORT, DEV_PORT, LOOPBACK, kafka.development().map(d -> d.port()).orElse(0));
    }

    private static void check(String option, String addressOption, String address, int port)
            throws IOException {
        if (port != 0) {
            int _ = Listening.on(addressOption, address).freePort(option, port);
        }
    }

    /** Listens; blocks until all do. */
    void listen() throws IOException {
        NodeSettings.Kafka kafka = node.settings().kafka();
        if (kafka.port() != 0) {
            listen("SASL_PLAINTEXT", kafka.bindAddress(), kafka.port(), Optional.empty());
        }
        if (kafka.tlsPort() != 0) {
            String address = node.settings().listener().bindAddress();
            listen("SASL_SSL", address, kafka.tlsPort(), Optional.empty());
        }
        if (kafka.development().isPresent()) {
            NodeSettings.Development development = kafka.development().get();
            listen(
                    "PLAINTEXT",
                    LOOPBACK,
                    development.port(),
                    Optional.of(
                            DevelopmentTenant.named(
                                    development.tenant(), node.directory().tenants(), tenants)));
        }
    }

    private void listen(
            String name, String address, int port, Optional<Endpoint.Everybody> everybody) {
        // Nobody else is to connect to a port that lets in everybody.
        String advertised =
                everybody.isPresent() ? LOOPBACK : node.settings().kafka().advertisedHost();
        Endpoint endpoint = new Endpoint(name, advertised, port, everybody);
        for (InetAddress one : Listening.on(name, address).addresses()) {
            NetServerOptions options =
                    new NetServerOptions().setHost(one.getHostAddress()).setPort(port);
            if (name.equals("SASL_SSL")) {
                options.setSsl(true)
                        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
                        .setKeyCertOptions(
                                new PemKeyCertOptions()
                                        .setCertPath(System.getProperty(Main.CERTIFICATE))
                                        .setKeyPath(System.getProperty(Main.KEY)));
            }
            server().listen(endpoint, options);
        }
        LOG.info("kafka clients are served protocol={} address={} port={}", name, address, port);
    }

    private KafkaServer server() {
        if (server.isEmpty()) {
            server =
                    Optional.of(
                            new KafkaServer(
                                    vertx,
                                    ingest,
                                    bounds(node.brokers().node()),
                                    new KafkaApis(
                                            ingest,
                                            new KafkaApis.Administration(
                                                    new TenantTopics(topics),
                                                    new TenantKeys(keys),
                                                    new TenantQuotas(quotas)),
                                            node.brokers(),
                                            new ProducerIds(node.records()),
                                            node.coordination().groups()),
                                    HeaderDeadline::remove));
        }
        return server.get();
    }

    private static KafkaServer.Bounds bounds(BrokerView broker) {
        return new KafkaServer.Bounds(
                broker.number(BrokerConfigs.MAX_CONNECTIONS),
                Duration.ofMillis(broker.number(BrokerConfigs.IDLE_MS)));
    }

    /** Ends every connection, once what it waits for has been answered. */
    void close() {
        server.ifPresent(KafkaServer::close);
    }
}
