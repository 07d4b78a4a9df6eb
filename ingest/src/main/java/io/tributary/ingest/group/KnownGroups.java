package io.tributary.ingest.group;

import io.tributary.kernel.id.TenantId;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The groups of each tenant: those of the last count, and those admitted since the one before it
 * began, which it need not have seen. Thread-safe; never blocks for long.
 */
final class KnownGroups {
    private static final int COUNTED = -1;

    private final ReentrantLock lock = new ReentrantLock();

    /** Each group with the number of counts that had begun when it was admitted. */
    private volatile Map<TenantId, Map<String, Integer>> groups = new ConcurrentHashMap<>();

    private int counts;

    boolean contains(TenantId tenant, String groupId) {
        Map<String, Integer> own = groups.get(tenant);
        return own != null && own.containsKey(groupId);
    }

    /** Adds a group unless the tenant has so many; says whether it is there. */
    boolean admit(TenantId tenant, String groupId, int limit) {
        lock.lock();
        try {
            if (contains(tenant, groupId)) {
                return true;
            }
            Map<String, Integer> own = groups.getOrDefault(tenant, Map.of());
            if (own.size() >= limit) {
                return false;
            }
            groups.computeIfAbsent(tenant, id -> new ConcurrentHashMap<>()).put(groupId, counts);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A count begins; returns its number. */
    int begin() {
        lock.lock();
        try {
            return ++counts;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A count has ended. What was admitted while it ran it may have missed, and what was admitted
     * before it began may have come to the coordinator only afterwards: that stays until the next.
     */
    void counted(int count, Map<TenantId, ? extends Collection<String>> found) {
        lock.lock();
        try {
            Map<TenantId, Map<String, Integer>> now = new ConcurrentHashMap<>();
            found.forEach(
                    (tenant, names) -> {
                        Map<String, Integer> own = new ConcurrentHashMap<>();
                        names.forEach(name -> own.put(name, COUNTED));
                        now.put(tenant, own);
                    });
            groups.forEach(
                    (tenant, before) ->
                            before.forEach(
                                    (name, admitted) -> {
                                        if (admitted >= count - 1) {
                                            now.computeIfAbsent(
                                                            tenant, id -> new ConcurrentHashMap<>())
                                                    .putIfAbsent(name, admitted);
                                        }
                                    }));
            groups = now;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        return groups.values().stream().mapToInt(Map::size).sum();
    }
}
