package io.tributary.tenant.topic;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST v3 as the stand-alone REST Proxy serves it. */
@Path("/v3/clusters")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Topics")
public class ProxyTopicsResource extends TopicsResource {
    ProxyTopicsResource(TopicService topics, CurrentRequest request) {
        super(topics, request, "/v3");
    }
}
