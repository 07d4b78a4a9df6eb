package io.tributary.testkit;

import static org.awaitility.Awaitility.await;

import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the tests of a node that is made anew from its object store have in common. */
final class LostNode {
    /** A start's option, so that changed metadata is in the store soon. */
    static final String BACKUPS = "--metadata-backup-interval=200ms";

    private LostNode() {}

    /** The URL of an object store in a folder. */
    static String store(Path folder) {
        return folder.toUri().toString().replaceFirst("/$", "");
    }

    /** The tenant as it calls another node. */
    static Tenant as(Tenant tenant, Api api) {
        return new Tenant(
                tenant.tenantId(),
                tenant.clusterId(),
                tenant.keyId(),
                api.withAuthorization(tenant.api().authorization()));
    }

    /** Waits until the newest backup has everything. */
    static void awaitBackup(Api api) {
        await().atMost(Duration.ofSeconds(20))
                .until(
                        () ->
                                api.get("/q/metrics")
                                        .body()
                                        .lines()
                                        .anyMatch(
                                                line ->
                                                        line.startsWith(
                                                                        "tributary_metadata_backup_pending_seconds")
                                                                && line.endsWith("NaN")));
    }

    static Command.Ended restore(Map<String, String> environment, String... options)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("restore"));
        arguments.addAll(List.of(options));
        return Command.run(environment, arguments);
    }
}
