package io.tributary.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** How Kafka's clients are told where the service is and who they are. */
public final class KafkaConfigs {
    private KafkaConfigs() {}

    /** A port of this machine that nobody has just now. */
    public static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /** The key somebody calls with, {@code id:secret}. */
    public static String key(Api as) {
        String encoded = as.authorization().substring("Basic ".length());
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    /** SASL/PLAIN without TLS, and more. */
    public static Map<String, Object> plain(int port, Api as, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("bootstrap.servers", "localhost:" + port);
        config.put("security.protocol", "SASL_PLAINTEXT");
        config.put("sasl.mechanism", "PLAIN");
        config.put("sasl.jaas.config", login(key(as)));
        return config;
    }

    /** What SASL/PLAIN is told of a key. */
    public static String login(String key) {
        String[] pair = key.split(":", 2);
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
                + pair[0]
                + "\" password=\""
                + pair[1]
                + "\";";
    }
}
