package io.tributary.tenant.broker;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The broker configs of a tenant's cluster over HTTP, for the operator. */
@Path("/v1/tenants/{tenant_id}/broker-configs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Tenants")
public class BrokerConfigsResource {
    private final BrokerConfigService configs;
    private final CurrentRequest request;

    BrokerConfigsResource(BrokerConfigService configs, CurrentRequest request) {
        this.configs = configs;
        this.request = request;
    }

    /**
     * A config.
     *
     * @param value null where another config decides
     * @param source TENANT, NODE (as it was started) or DEFAULT
     * @param perTenant whether it can be set here
     */
    public record ConfigAnswer(
            String name,
            @JsonInclude(JsonInclude.Include.ALWAYS) String value,
            String source,
            boolean perTenant,
            String documentation) {}

    /** All configs. */
    public record ConfigsAnswer(List<ConfigAnswer> data) {
        static ConfigsAnswer of(BrokerView view) {
            return new ConfigsAnswer(
                    BrokerConfigs.list().stream().map(config -> answer(view, config)).toList());
        }

        private static ConfigAnswer answer(BrokerView view, BrokerConfigs.Config config) {
            Optional<BrokerView.Origin> origin = view.origins(config).stream().findFirst();
            return new ConfigAnswer(
                    config.name(),
                    origin.map(BrokerView.Origin::value).orElse(null),
                    origin.map(BrokerView.Origin::source).orElse(BrokerView.Source.DEFAULT).name(),
                    config.scope() == BrokerConfigs.Scope.TENANT,
                    config.doc());
        }
    }

    /** A config as it should be; a value of null puts it back to the node's. */
    public record ConfigBody(String name, String value) {}

    /** Configs, each once. */
    public record ConfigsRequest(List<ConfigBody> configs) {}

    @GET
    @Operation(summary = "The broker configs of a tenant's cluster (operator)")
    public ConfigsAnswer get(@PathParam("tenant_id") String tenant) throws IOException {
        return ConfigsAnswer.of(configs.get(request.principal(), tenant));
    }

    @PUT
    @Operation(summary = "Replace what a tenant's cluster has of its own (operator)")
    public ConfigsAnswer replace(@PathParam("tenant_id") String tenant, ConfigsRequest body)
            throws IOException {
        Map<String, String> wanted = configs(body);
        if (wanted.values().stream().anyMatch(Objects::isNull)) {
            throw Problem.of(400, 40002, "A config needs a value.").asException();
        }
        return ConfigsAnswer.of(configs.replace(request.principal(), tenant, wanted));
    }

    @PATCH
    @Operation(summary = "Change some broker configs of a tenant's cluster (operator)")
    public ConfigsAnswer change(@PathParam("tenant_id") String tenant, ConfigsRequest body)
            throws IOException {
        return ConfigsAnswer.of(configs.change(request.principal(), tenant, configs(body)));
    }

    private static Map<String, String> configs(ConfigsRequest body) {
        if (body == null || body.configs() == null) {
            throw Problem.of(400, "configs is missing.").asException();
        }
        Map<String, String> configs = new TreeMap<>();
        for (ConfigBody config : body.configs()) {
            if (config.name() == null) {
                throw Problem.of(400, 40002, "A config needs a name.").asException();
            }
            if (configs.containsKey(config.name())) {
                throw Problem.of(400, 40002, "Config " + config.name() + " is given twice.")
                        .asException();
            }
            configs.put(config.name(), config.value());
        }
        return configs;
    }
}
