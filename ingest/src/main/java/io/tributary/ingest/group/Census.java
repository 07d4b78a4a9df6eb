package io.tributary.ingest.group;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.kernel.time.Scheduler.Cancellable;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.tenant.Tenants;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which groups there are: counts them now and then and adds those that come meanwhile. So it
 * can refuse a tenant's next group when there are as many as may be, and it removes the groups of
 * tenants that are no more. Thread-safe.
 */
final class Census implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Census.class);
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int DELETED_AT_ONCE = 1_000;
    private static final CallerContext NOBODY =
            new CallerContext(
                    new GroupCaller(
                            new Principal(
                                    Optional.of(SystemTenant.ID), "groups", Role.ADMIN, List.of()),
                            "",
                            InetAddress.getLoopbackAddress(),
                            ApiKeys.LIST_GROUPS.latestVersion()),
                    ApiKeys.LIST_GROUPS);

    private final GroupCoordinatorService service;
    private final Tenants tenants;
    private final Scheduler scheduler;
    private final GroupSettings.Limit most;
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final KnownGroups known = new KnownGroups();
    private volatile Cancellable next = () -> {};
    private volatile boolean closed;

    Census(
            GroupCoordinatorService service,
            Tenants tenants,
            Scheduler scheduler,
            GroupSettings.Limit most) {
        this.service = service;
        this.tenants = tenants;
        this.scheduler = scheduler;
        this.most = most;
    }

    void start() {
        tenants.onChange(tenant -> soon());
        next = scheduler.after(SOON, this::count);
    }

    /** A tenant may be gone: its groups go soon, however often it is said. */
    private void soon() {
        if (!closed && sweeping.compareAndSet(false, true)) {
            scheduler.after(
                    SOON,
                    () -> {
                        sweeping.set(false);
                        count(false);
                    });
        }
    }

    /**
     * Whether the tenant may have a group of this scoped id; notes it where it may. May block on
     * the metadata store where the group is new.
     */
    Errors admission(TenantId tenant, String groupId) {
        if (known.contains(tenant, groupId)) {
            return Errors.NONE;
        }
        try {
            return known.admit(tenant, groupId, most.of(tenant))
                    ? Errors.NONE
                    : Errors.POLICY_VIOLATION;
        } catch (IOException e) {
            LOG.debug("how many groups a tenant may have cannot be told now", e);
            return Errors.COORDINATOR_NOT_AVAILABLE;
        }
    }

    int groups() {
        return known.size();
    }

    private void count() {
        count(true);
    }

    private void count(boolean again) {
        if (closed) {
            return;
        }
        int count = known.begin();
        var _ =
                service.listGroups(NOBODY, new ListGroupsRequestData())
                        .whenComplete(
                                (listed, problem) -> {
                                    if (problem == null && listed.errorCode() == 0) {
                                        // Looking up tenants may block, and this thread must not.
                                        scheduler.after(
                                                Duration.ZERO, () -> counted(count, listed));
                                    }
                                    if (again && !closed) {
                                        next =
                                                scheduler.after(
                                                        problem == null && listed.errorCode() == 0
                                                                ? PAUSE
                                                                : SOON,
                                                        this::count);
                                    }
                                });
    }

    private void counted(int count, ListGroupsResponseData listed) {
        Map<TenantId, List<String>> now = new HashMap<>();
        for (ListedGroup group : listed.groups()) {
            Scope.owner(group.groupId())
                    .ifPresent(
                            tenant ->
                                    now.computeIfAbsent(tenant, id -> new ArrayList<>())
                                            .add(group.groupId()));
        }
        known.counted(count, now);
        for (Map.Entry<TenantId, List<String>> one : now.entrySet()) {
            try {
                if (tenants.find(one.getKey()).isEmpty()) {
                    delete(one.getKey(), one.getValue());
                }
            } catch (IOException e) {
                LOG.debug("whether a tenant is there cannot be told now", e);
            }
        }
    }

    /** Those with members stay until their sessions have ended, and are seen again. */
    private void delete(TenantId tenant, List<String> groups) {
        for (int from = 0; from < groups.size(); from += DELETED_AT_ONCE) {
            List<String> some =
                    groups.subList(from, Math.min(groups.size(), from + DELETED_AT_ONCE));
            var _ =
                    service.deleteGroups(NOBODY, some, BufferSupplier.NO_CACHING)
                            .whenComplete(
                                    (results, problem) -> {
                                        if (problem == null) {
                                            LOG.info(
                                                    "groups of a removed tenant deleted"
                                                            + " tenant={} count={}",
                                                    tenant,
                                                    results.stream()
                                                            .filter(
                                                                    one ->
                                                                            one.errorCode()
                                                                                    == Errors.NONE
                                                                                            .code())
                                                            .count());
                                        }
                                    });
        }
    }

    @Override
    public void close() {
        closed = true;
        next.cancel();
    }
}
