package io.tributary.server.start;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.tributary.ingest.door.Stopping;
import io.tributary.kernel.Adapter;
import io.tributary.server.command.ExitCode;
import io.tributary.server.node.Node;
import io.tributary.server.option.NodeSettings;
import java.io.IOException;

/** Says that the node is ready, and stays until it is told to stop. */
public final class Application implements QuarkusApplication {
    private final Node node;
    private final SecondListener second;
    private final KafkaListeners kafka;
    private final Stopping stopping;

    Application(Node node, SecondListener second, KafkaListeners kafka, Stopping stopping) {
        this.node = node;
        this.second = second;
        this.kafka = kafka;
        this.stopping = stopping;
    }

    @Override
    @Adapter("standard output of the process")
    @SuppressWarnings("SystemOut")
    public int run(String... args) throws IOException {
        NodeSettings settings = node.settings();
        second.listen();
        kafka.listen();
        System.out.printf(
                "Tributary is ready: https://%s:%d  CA: %s  operator key: %s%n",
                settings.listener().host().indexOf(':') < 0
                        ? settings.listener().host()
                        : "[" + settings.listener().host() + "]",
                settings.listener().httpsPort(),
                settings.listener()
                        .certificate()
                        .map(own -> own.certificate())
                        .orElse(settings.data().resolve("tls").resolve("ca.pem")),
                settings.data().resolve("operator.key"));
        System.out.flush();
        node.supersession().thenRun(() -> Quarkus.asyncExit(ExitCode.REFUSED));
        Quarkus.waitForExit();
        // The application server then waits for requests to end before anything is closed.
        stopping.begin();
        kafka.close();
        return 0;
    }
}
