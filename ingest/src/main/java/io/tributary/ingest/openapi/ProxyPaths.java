package io.tributary.ingest.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;

/**
 * Describes the routes for records under {@code /v3}, too: they are written down under {@code
 * /kafka/v3} only, and served alike under both.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class ProxyPaths implements OASFilter {
    private static final String CLOUD = "/kafka/v3/";
    private static final String PROXY = "/v3/";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Map<String, PathItem> written = document.getPaths().getPathItems();
        new TreeMap<>(written)
                .forEach(
                        (path, item) -> {
                            String proxy = path.replace(CLOUD, PROXY);
                            if (path.startsWith(CLOUD) && !written.containsKey(proxy)) {
                                document.getPaths().addPathItem(proxy, copy(item));
                            }
                        });
    }

    /** The same path with operation ids of its own, since those must differ. */
    private static PathItem copy(PathItem item) {
        PathItem copy = OASFactory.createPathItem().parameters(item.getParameters());
        item.getOperations()
                .forEach((method, operation) -> copy.setOperation(method, copy(operation)));
        return copy;
    }

    private static Operation copy(Operation operation) {
        return OASFactory.createOperation()
                .operationId(operation.getOperationId() + "UnderV3")
                .tags(operation.getTags())
                .summary(operation.getSummary())
                .parameters(operation.getParameters())
                .requestBody(operation.getRequestBody())
                .responses(operation.getResponses());
    }
}
