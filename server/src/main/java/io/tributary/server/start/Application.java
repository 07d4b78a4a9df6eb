package io.tributary.server.start;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.tributary.kernel.Adapter;
import io.tributary.server.node.Node;
import io.tributary.server.option.NodeSettings;

/** Says that the node is ready, and stays until it is told to stop. */
public final class Application implements QuarkusApplication {
    private final Node node;

    Application(Node node) {
        this.node = node;
    }

    @Override
    @Adapter("standard output of the process")
    @SuppressWarnings("SystemOut")
    public int run(String... args) {
        NodeSettings settings = node.settings();
        System.out.printf(
                "Tributary is ready: https://%s:%d  CA: %s  operator key: %s%n",
                settings.listener().host(),
                settings.listener().httpsPort(),
                settings.listener()
                        .certificate()
                        .map(own -> own.certificate())
                        .orElse(settings.data().resolve("tls").resolve("ca.pem")),
                settings.data().resolve("operator.key"));
        System.out.flush();
        Quarkus.waitForExit();
        return 0;
    }
}
