package io.tributary.tenant.rest;

import io.tributary.kernel.fault.Problem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Bounds a body that does not say how long it is and that nobody has taken before. */
public class BoundedBody {
    private static final int MAX_BYTES = 1 << 20;

    @ServerRequestFilter
    void bound(ContainerRequestContext request) throws IOException {
        if (request.hasEntity() && request.getHeaderString(HttpHeaders.CONTENT_LENGTH) == null) {
            byte[] body = request.getEntityStream().readNBytes(MAX_BYTES + 1);
            if (body.length > MAX_BYTES) {
                throw Problem.of(413, "The body may take " + MAX_BYTES + " bytes.").asException();
            }
            request.setEntityStream(new ByteArrayInputStream(body));
        }
    }
}
