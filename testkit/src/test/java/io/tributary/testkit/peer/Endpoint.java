package io.tributary.testkit.peer;

import io.tributary.testkit.ApacheKafka;
import io.tributary.testkit.Api;
import io.tributary.testkit.KafkaConfigs;
import io.tributary.testkit.Service;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * What foreign clients talk to: the service, over SASL_SSL and as a tenant's administrator. With
 * {@code -Dendpoint=apache} it is Apache Kafka without either, which shows whether a test is right.
 */
final class Endpoint implements Closeable {
    private final Closeable server;
    private final String address;

    /** As a Java client is told. */
    private final Map<String, String> config = new HashMap<>();

    /** As librdkafka is told. */
    private final Map<String, String> librdkafka = new HashMap<>();

    /** As our scripts in other languages are told. */
    private final Map<String, String> environment = new HashMap<>();

    private final Path folder;

    private Endpoint(Closeable server, String address, Path folder) {
        this.server = server;
        this.address = address;
        this.folder = folder;
        config.put("bootstrap.servers", address);
        librdkafka.put("bootstrap.servers", address);
        librdkafka.put("broker.address.family", "v4");
        environment.put("BOOTSTRAP", address);
    }

    static Endpoint start(Path folder) throws IOException {
        return System.getProperty("endpoint", "tributary").equals("apache")
                ? ofApacheKafka(folder)
                : ofTributary(folder);
    }

    private static Endpoint ofApacheKafka(Path folder) throws IOException {
        ApacheKafka kafka =
                ApacheKafka.start(
                        folder.resolve("kafka"), Map.of("group.initial.rebalance.delay.ms", "0"));
        return new Endpoint(kafka, kafka.address(), folder);
    }

    private static Endpoint ofTributary(Path folder) throws IOException {
        int port = KafkaConfigs.freePort();
        Service service = Service.start(folder.resolve("data"), "--kafka-tls-port=" + port);
        Endpoint endpoint = new Endpoint(service, "localhost:" + port, folder);
        try (Api api = Api.of(service)) {
            endpoint.secure(service.ca(), KafkaConfigs.key(api.signUp("peers").api()));
        } catch (IOException | RuntimeException e) {
            service.close();
            throw e;
        }
        return endpoint;
    }

    private void secure(Path ca, String key) {
        config.put("security.protocol", "SASL_SSL");
        config.put("ssl.truststore.type", "PEM");
        config.put("ssl.truststore.location", ca.toString());
        config.put("sasl.mechanism", "PLAIN");
        config.put("sasl.jaas.config", KafkaConfigs.login(key));
        String[] pair = key.split(":", 2);
        librdkafka.put("security.protocol", "SASL_SSL");
        librdkafka.put("sasl.mechanism", "PLAIN");
        librdkafka.put("sasl.username", pair[0]);
        librdkafka.put("sasl.password", pair[1]);
        librdkafka.put("ssl.ca.location", ca.toString());
        environment.put("SASL_USER", pair[0]);
        environment.put("SASL_PASS", pair[1]);
        environment.put("TLS_CA", ca.toString());
    }

    String address() {
        return address;
    }

    /** A Java client's configuration. */
    Map<String, Object> config() {
        return new HashMap<>(config);
    }

    Map<String, String> environment() {
        return environment;
    }

    /** A Java client's configuration as a file. */
    String configFile() throws IOException {
        Properties properties = new Properties();
        properties.putAll(config);
        Path file = Files.createTempFile(folder, "client", ".properties");
        try (var out = Files.newBufferedWriter(file)) {
            properties.store(out, null);
        }
        return file.toString();
    }

    /** Options of a librdkafka command. */
    List<String> librdkafkaOptions() {
        List<String> options = new ArrayList<>();
        librdkafka.forEach((name, value) -> options.addAll(List.of("-X", name + "=" + value)));
        return options;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
