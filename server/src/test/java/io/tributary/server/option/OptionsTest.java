package io.tributary.server.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static NodeSettings read(Map<String, String> environment, String... arguments) {
        return Options.read(
                List.of(arguments),
                name -> Optional.empty(),
                name -> Optional.ofNullable(environment.get(name)));
    }

    @Test
    void argumentWinsOverTheEnvironmentAndBothOverTheDefault() {
        assertEquals(1, read(Map.of()).storage().shards());
        assertEquals(3, read(Map.of("TRIBUTARY_SHARDS", "3")).storage().shards());
        assertEquals(4, read(Map.of("TRIBUTARY_SHARDS", "3"), "--shards=4").storage().shards());
        assertEquals("localhost", read(Map.of()).listener().bindAddress());
    }

    @Test
    void wrongValueIsToldUnderTheNameItWasGiven() {
        String message =
                assertThrows(OptionException.class, () -> read(Map.of("TRIBUTARY_SHARDS", "many")))
                        .getMessage();
        assertTrue(message.contains("TRIBUTARY_SHARDS") && message.contains("many"), message);
    }

    @Test
    void optionsOfS3NeedAnS3Store() {
        for (String option :
                List.of("--s3-endpoint=http://x", "--s3-region=r", "--s3-path-style")) {
            String name = option.split("=", -1)[0];
            for (String[] arguments :
                    List.of(
                            new String[] {option},
                            new String[] {option, "--object-store=file:///x"})) {
                String message =
                        assertThrows(OptionException.class, () -> read(Map.of(), arguments))
                                .getMessage();
                assertTrue(message.contains(name), message);
            }
        }
        assertEquals(
                Optional.of(URI.create("http://x")),
                read(Map.of(), "--object-store=s3://b", "--s3-endpoint=http://x")
                        .objects()
                        .s3Endpoint());
    }

    @Test
    void variablesThatLookLikeOptionsAndAreNoneAreFound() {
        assertEquals(
                List.of("TRIBUTARY_FLUSH_AGEE"),
                Options.unknownVariables(
                        Set.of(
                                "PATH",
                                "TRIBUTARY",
                                "TRIBUTARY_FLUSH_AGE",
                                "TRIBUTARY_FLUSH_AGEE",
                                "TRIBUTARY_JAVA_OPTIONS")));
    }

    @Test
    void portForEverybodyNeedsATenantAndIsOnThisMachineOnly() {
        for (String[] arguments :
                List.of(
                        new String[] {"--kafka-dev-port=9094"},
                        new String[] {"--kafka-dev-tenant=me"},
                        new String[] {
                            "--kafka-dev-port=9094",
                            "--kafka-dev-tenant=me",
                            "--bind-address=0.0.0.0"
                        },
                        new String[] {
                            "--kafka-dev-port=9094",
                            "--kafka-dev-tenant=me",
                            "--kafka-bind-address=10.0.0.1"
                        })) {
            String message =
                    assertThrows(OptionException.class, () -> read(Map.of(), arguments))
                            .getMessage();
            assertTrue(message.contains("--kafka-dev-port"), message);
        }
        assertEquals(
                Optional.of(new NodeSettings.Development(9094, "me")),
                read(Map.of(), "--kafka-dev-port=9094", "--kafka-dev-tenant=me")
                        .kafka()
                        .development());
    }

    @Test
    void kafkaClientsAreServedOnKafkasPortsUnlessTheyAreTurnedOff() {
        NodeSettings.Kafka kafka = read(Map.of()).kafka();
        assertEquals(9092, kafka.port());
        assertEquals("localhost", kafka.bindAddress());
        assertEquals(9093, kafka.tlsPort());
        assertTrue(kafka.development().isEmpty());
        assertEquals(0, read(Map.of(), "--kafka-port=0").kafka().port());
        String same =
                assertThrows(
                                OptionException.class,
                                () ->
                                        read(
                                                Map.of(),
                                                "--kafka-dev-port=9092",
                                                "--kafka-dev-tenant=me"))
                        .getMessage();
        assertTrue(same.contains("--kafka-port and --kafka-dev-port"), same);
    }

    @Test
    void brokerConfigsAreGivenOneByOneOrTogetherInTheEnvironment() {
        assertEquals(
                Map.of("num.partitions", "3", "group.consumer.assignors", "range,uniform"),
                read(
                                Map.of(),
                                "--kafka-config=num.partitions=3",
                                "--kafka-config",
                                "group.consumer.assignors=range,uniform")
                        .kafka()
                        .configs());
        assertEquals(
                Map.of("num.partitions", "4", "log.retention.hours", "1"),
                read(Map.of("TRIBUTARY_KAFKA_CONFIG", "num.partitions=4 log.retention.hours=1"))
                        .kafka()
                        .configs());
        for (String wrong : new String[] {"num.partitions=0", "num.partitons=3", "nothing"}) {
            String message =
                    assertThrows(
                                    OptionException.class,
                                    () -> read(Map.of(), "--kafka-config=" + wrong))
                            .getMessage();
            assertTrue(message.contains("--kafka-config"), message);
        }
    }
}
