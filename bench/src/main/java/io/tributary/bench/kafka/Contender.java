package io.tributary.bench.kafka;

import io.tributary.testkit.ApacheKafka;
import io.tributary.testkit.KafkaConfigs;
import io.tributary.testkit.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A server under measurement, without TLS and keys, so that both do the same. */
interface Contender extends AutoCloseable {
    /** What clients connect to; the same after a restart. */
    String address();

    long pid();

    /** Ends it in order. */
    void stop() throws IOException;

    /** Starts it again on the same folder, and comes back as soon as it says that it is ready. */
    void start() throws IOException;

    @Override
    void close() throws IOException;

    /** Which server it is. */
    enum Kind {
        KAFKA("Kafka"),
        KAFKA_SYNCED("Kafka, synced"),
        TRIBUTARY("Tributary"),
        /** Kafka has no object store to compress for; this one does not either. */
        TRIBUTARY_AS_SENT("Tributary, tier as sent");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        Contender start(Path folder) throws IOException {
            return switch (this) {
                case KAFKA -> new OfKafka(folder, Map.of());
                case KAFKA_SYNCED ->
                        new OfKafka(folder, Map.of("log.flush.interval.messages", "1"));
                case TRIBUTARY -> new OfTributary(folder, List.of());
                case TRIBUTARY_AS_SENT -> new OfTributary(folder, List.of("--tier-zstd-level=0"));
            };
        }
    }

    /** Apache Kafka. */
    final class OfKafka implements Contender {
        private final Path folder;
        private ApacheKafka kafka;

        OfKafka(Path folder, Map<String, String> settings) throws IOException {
            this.folder = folder;
            kafka = ApacheKafka.start(folder, settings);
        }

        @Override
        public String address() {
            return kafka.address();
        }

        @Override
        public long pid() {
            return kafka.pid();
        }

        @Override
        public void stop() throws IOException {
            kafka.stop();
        }

        @Override
        public void start() throws IOException {
            kafka = ApacheKafka.start(folder, Map.of());
        }

        @Override
        public void close() {
            kafka.close();
        }
    }

    /** This repository's service. */
    final class OfTributary implements Contender {
        private final Path folder;
        private final List<String> options;
        private final int port;
        private Service service;

        OfTributary(Path folder, List<String> more) throws IOException {
            this.folder = Files.createDirectories(folder);
            port = KafkaConfigs.freePort();
            options =
                    Stream.concat(
                                    Stream.of(
                                            "--kafka-dev-port=" + port, "--kafka-dev-tenant=bench"),
                                    more.stream())
                            .toList();
            start();
        }

        @Override
        public String address() {
            return "localhost:" + port;
        }

        @Override
        public long pid() {
            return service.pid();
        }

        @Override
        public void stop() throws IOException {
            service.stop();
        }

        @Override
        public void start() throws IOException {
            service = Service.start(folder.resolve("data"), options.toArray(String[]::new));
        }

        @Override
        public void close() throws IOException {
            service.close();
        }
    }
}
