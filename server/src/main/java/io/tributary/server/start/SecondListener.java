package io.tributary.server.start;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Serves on a second address what the application server serves on the first, which is all it can:
 * same port, same certificate, same routes. {@link Main} leaves the address as a property.
 */
@Singleton
final class SecondListener implements HttpServerOptionsCustomizer {
    static final String ADDRESS = "tributary.second-address";

    private final Vertx vertx;
    private volatile Optional<HttpServerOptions> first = Optional.empty();

    SecondListener(Vertx vertx) {
        this.vertx = vertx;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        first = Optional.of(options);
    }

    /** Listens where there is a second address; blocks until it does. */
    void listen() {
        String address = System.getProperty(ADDRESS, "");
        if (!address.isEmpty()) {
            HttpServerOptions options = new HttpServerOptions(first.orElseThrow()).setHost(address);
            vertx.deployVerticle(
                            () -> new Listener(options),
                            new DeploymentOptions()
                                    .setInstances(Runtime.getRuntime().availableProcessors()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
    }

    /** One event loop's share of the connections. */
    private static final class Listener extends AbstractVerticle {
        private final HttpServerOptions options;

        Listener(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> listening) {
            vertx.createHttpServer(options)
                    .requestHandler(VertxHttpRecorder.getRootHandler())
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(listening);
        }
    }
}
