package io.tributary.ingest.proxy;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Where a request's client reaches the service: as a proxy in front says, else as the request
 * itself does. It is told to nobody but that client.
 */
public final class BaseUri implements Function<RoutingContext, String> {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.\\[\\]:_-]{1,255}");

    @Override
    public String apply(RoutingContext request) {
        MultiMap headers = request.request().headers();
        String host =
                first(headers.get("X-Forwarded-Host"))
                        .filter(name -> HOST.matcher(name).matches())
                        .orElseGet(() -> request.request().authority().toString());
        String scheme =
                first(headers.get("X-Forwarded-Proto"))
                        .filter(name -> name.equals("http") || name.equals("https"))
                        .orElse("https");
        return scheme + "://" + host;
    }

    /** What the proxy nearest to the client said. */
    private static Optional<String> first(String values) {
        return Optional.ofNullable(values).map(all -> all.split(",", 2)[0].strip());
    }
}
