package io.tributary.tenant.topic;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST v3 as Confluent Cloud and Confluent Server serve it. */
@Path("/kafka/v3/clusters")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Topics")
public class CloudTopicsResource extends TopicsResource {
    CloudTopicsResource(TopicService topics, CurrentRequest request) {
        super(topics, request, "/kafka/v3");
    }
}
