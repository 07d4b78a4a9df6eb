package io.tributary.server.option;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.broker.BrokerConfigs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Where Kafka clients are served. */
final class KafkaOptions {
    private static final int MAX_PORT = 65_535;

    private static final Option<String> ADVERTISED_HOST =
            new Option<>(
                    "kafka-advertised-host",
                    "localhost",
                    "the name Kafka clients are told to connect to",
                    Values::host);
    private static final Option<Integer> TLS_PORT =
            new Option<>(
                    "kafka-tls-port",
                    "9093",
                    "port for Kafka clients, SASL_SSL; 0 for none",
                    Values.number(0, MAX_PORT));
    private static final Option<Integer> PORT =
            new Option<>(
                    "kafka-port",
                    "9092",
                    "port for Kafka clients, SASL_PLAINTEXT: secrets are sent in the clear; 0 for"
                            + " none",
                    Values.number(0, MAX_PORT));
    private static final Option<String> BIND_ADDRESS =
            new Option<>(
                    "kafka-bind-address",
                    "localhost",
                    "the address --kafka-port is on",
                    Values::host);
    private static final Option<Map<String, String>> CONFIG =
            new Option<>(
                    "kafka-config",
                    "",
                    "a broker config, NAME=VALUE; may be repeated",
                    KafkaOptions::configs,
                    true);
    private static final Option<Integer> DEV_PORT =
            new Option<>(
                    "kafka-dev-port",
                    "0",
                    "port for development, PLAINTEXT: everybody on this machine may do everything;"
                            + " 0 for none",
                    Values.number(0, MAX_PORT));
    private static final Option<String> DEV_TENANT =
            new Option<>(
                    "kafka-dev-tenant",
                    "",
                    "the tenant it serves; made when there is none of this name",
                    text -> text);

    static final List<Option<?>> ALL =
            List.of(ADVERTISED_HOST, TLS_PORT, PORT, BIND_ADDRESS, CONFIG, DEV_PORT, DEV_TENANT);

    private KafkaOptions() {}

    /**
     * What they say together.
     *
     * @param bindAddress where HTTPS listens
     */
    static NodeSettings.Kafka settings(Arguments arguments, String bindAddress) {
        refuseSamePort(arguments);
        return new NodeSettings.Kafka(
                arguments.get(ADVERTISED_HOST),
                arguments.get(PORT),
                arguments.get(BIND_ADDRESS),
                arguments.get(TLS_PORT),
                development(
                        arguments.get(DEV_PORT),
                        arguments.get(DEV_TENANT),
                        List.of(bindAddress, arguments.get(BIND_ADDRESS))),
                arguments.get(CONFIG));
    }

    private static void refuseSamePort(Arguments arguments) {
        Map<Integer, String> taken = new HashMap<>();
        for (Option<Integer> option : List.of(PORT, TLS_PORT, DEV_PORT)) {
            int port = arguments.get(option);
            String other = port == 0 ? null : taken.put(port, option.name());
            if (other != null) {
                throw new OptionException(
                        "Options --"
                                + other
                                + " and --"
                                + option.name()
                                + " both have the port "
                                + port
                                + "; 0 turns one off.");
            }
        }
    }

    private static Optional<NodeSettings.Development> development(
            int port, String tenant, List<String> bindAddresses) {
        if ((port == 0) != tenant.isEmpty()) {
            throw new OptionException(
                    "Options --kafka-dev-port and --kafka-dev-tenant go together.");
        }
        if (port == 0) {
            return Optional.empty();
        }
        for (String address : bindAddresses) {
            if (!loopback(address)) {
                throw new OptionException(
                        "Option --kafka-dev-port lets in whoever comes, and is refused on a node"
                                + " that other machines reach: it listens on "
                                + address
                                + ".");
            }
        }
        return Optional.of(new NodeSettings.Development(port, tenant));
    }

    private static Map<String, String> configs(String text) {
        Map<String, String> configs = new TreeMap<>();
        for (String one : text.isBlank() ? new String[0] : text.strip().split("\\s+")) {
            int equals = one.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("NAME=VALUE, such as num.partitions=3");
            }
            configs.put(one.substring(0, equals), one.substring(equals + 1));
        }
        try {
            BrokerConfigs.validate(configs);
        } catch (ProblemException e) {
            throw new IllegalArgumentException(
                    "broker configs as Kafka has them: " + e.problem().message(), e);
        }
        return configs;
    }

    private static boolean loopback(String address) {
        return address.equals("localhost") || address.startsWith("127.") || address.equals("::1");
    }
}
