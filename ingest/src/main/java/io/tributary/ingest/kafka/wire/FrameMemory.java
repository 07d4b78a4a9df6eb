package io.tributary.ingest.kafka.wire;

import io.tributary.kernel.id.TenantId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Bounds what all connections' requests take together, so that neither strangers nor one tenant
 * with many connections take the heap. A tenant may have as much as is free: one alone has half of
 * it, two a third each, and there is always some for the next. Who is over its part reads no
 * further, but for one connection of each tenant, so that requests that have begun come to an end.
 * Thread-safe.
 */
final class FrameMemory {
    /** Small requests pass even where large ones have taken everything. */
    private static final int ALWAYS_BYTES = 16 << 10;

    private final long maxBytes;
    private final long favourBytes;
    private final AtomicLong held = new AtomicLong();

    /** Of those with a favour the one that goes on where all of them together take too much. */
    private final AtomicReference<Share> last = new AtomicReference<>();

    private final Map<Optional<TenantId>, Group> groups = new ConcurrentHashMap<>();

    /** What a tenant's connections hold, or those of all strangers. */
    private static final class Group {
        private final AtomicLong held = new AtomicLong();
        private final AtomicReference<Share> favoured = new AtomicReference<>();

        /** Changed only while nobody else has the map's entry. */
        private int shares;
    }

    /** Whether a connection may take more. */
    enum Answer {
        FITS,
        /** It is more than its tenant's part, and passes for now: it should soon end. */
        FAVOURED,
        /** It keeps its favour, and has to wait until others with one have ended. */
        HELD_UP,
        WAIT
    }

    /**
     * Memory that nobody has yet.
     *
     * @param maxBytes for all together
     * @param favourBytes beyond that, for those that are to come to an end; a request more, so that
     *     one of them always does
     */
    FrameMemory(long maxBytes, long favourBytes) {
        this.maxBytes = maxBytes;
        this.favourBytes = favourBytes;
    }

    /** The share of a connection that is not authenticated. */
    Share share() {
        return new Share();
    }

    private Group join(Optional<TenantId> owner) {
        return groups.compute(
                owner,
                (id, there) -> {
                    Group group = there == null ? new Group() : there;
                    group.shares++;
                    return group;
                });
    }

    private void leave(Optional<TenantId> owner) {
        groups.computeIfPresent(owner, (id, group) -> --group.shares == 0 ? null : group);
    }

    /** How many tenants have connections, strangers counting as one. */
    int groups() {
        return groups.size();
    }

    /** One connection's part. Not thread-safe. */
    final class Share {
        private Optional<TenantId> owner = Optional.empty();
        private Group group = join(owner);
        private long mine;
        private boolean ended;

        /** Says whose the connection is now. */
        void belongTo(TenantId tenant) {
            if (ended || owner.equals(Optional.of(tenant))) {
                return;
            }
            group.held.addAndGet(-mine);
            endFavour();
            leave(owner);
            owner = Optional.of(tenant);
            group = join(owner);
            group.held.addAndGet(mine);
        }

        /** Says how much it holds now; less than before, or what fits, ends a favour. */
        Answer hold(long bytes) {
            if (ended) {
                return Answer.WAIT;
            }
            if (bytes < mine) {
                endFavour();
            }
            long all = held.addAndGet(bytes - mine);
            long tenants = group.held.addAndGet(bytes - mine);
            mine = bytes;
            if (bytes <= ALWAYS_BYTES || tenants <= maxBytes - all) {
                endFavour();
                return Answer.FITS;
            }
            boolean room = all <= maxBytes + favourBytes;
            if (group.favoured.get() != this
                    && !(room && group.favoured.compareAndSet(null, this))) {
                return Answer.WAIT;
            }
            return room || last.get() == this || last.compareAndSet(null, this)
                    ? Answer.FAVOURED
                    : Answer.HELD_UP;
        }

        private void endFavour() {
            group.favoured.compareAndSet(this, null);
            last.compareAndSet(this, null);
        }

        void giveBack() {
            if (!ended) {
                held.addAndGet(-mine);
                group.held.addAndGet(-mine);
                endFavour();
                leave(owner);
                mine = 0;
                ended = true;
            }
        }
    }
}
