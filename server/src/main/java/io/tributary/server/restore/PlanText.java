package io.tributary.server.restore;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.restore.PartitionReport;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Says what a restore brings back, for people. */
final class PlanText {
    private final PrintStream out;
    private final Map<TenantId, String> tenants = new HashMap<>();
    private final Map<TopicId, Topic> topics = new HashMap<>();

    PlanText(PrintStream out) {
        this.out = out;
    }

    void print(Restoration.Plan plan) throws IOException {
        Source source = plan.source();
        for (Tenant tenant : source.tenants()) {
            tenants.put(tenant.id(), tenant.name());
        }
        for (Topic topic : source.topics()) {
            topics.put(topic.id(), topic);
        }
        out.printf(
                Locale.ROOT,
                "Metadata: %s, written %s: %d tenants, %d topics%n",
                source.backup().name().key(),
                source.backup().writtenAt(),
                tenants.size(),
                topics.values().stream().filter(one -> tenants.containsKey(one.tenant())).count());
        tenants.put(SystemTenant.ID, "the service's own");
        plan.warnings().forEach(warning -> out.println("Warning: " + warning));
        long empty = 0;
        for (Restoration.ShardPlan shard : plan.shards()) {
            out.printf(
                    Locale.ROOT,
                    "Shard %s: %s, %d later objects%n",
                    shard.shard(),
                    shard.snapshot().orElse("no snapshot, by its objects alone"),
                    shard.laterObjects());
            for (PartitionReport partition : shard.partitions()) {
                if (partition.isEmpty() && partition.lostAfter().isEmpty()) {
                    empty++;
                } else {
                    print(partition);
                }
            }
        }
        if (empty > 0) {
            out.printf(Locale.ROOT, "Partitions without records: %d%n", empty);
        }
    }

    private void print(PartitionReport report) {
        Topic topic = topics.get(report.partition().topic());
        out.printf(
                Locale.ROOT,
                "  %s (%s) %s/%d: %d..%d, continues at %d%s%s%s%n",
                tenants.get(topic.tenant()),
                topic.tenant(),
                topic.name(),
                report.partition().index(),
                report.startOffset(),
                report.endOffset(),
                report.nextOffset(),
                report.fromLedgers() > 0 ? "; " + report.fromLedgers() + " from ledgers" : "",
                report.gaps().isEmpty() ? "" : "; LOST " + ranges(report.gaps()),
                report.lostAfter().isEmpty()
                        ? ""
                        : "; LOST " + report.lostAfter() + " and what may have followed");
    }

    private static String ranges(List<PartitionReport.Range> ranges) {
        return ranges.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
