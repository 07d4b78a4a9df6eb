package io.tributary.storage.disk;

import io.tributary.kernel.time.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part of the node's disk that produce leaves free, so that what makes room, and whatever else
 * the node writes, never meets a full disk. When hardly more is left, caches give theirs back; if
 * that is not enough, produce is refused until an eighth more than the reserve is free. Looks every
 * second, and whenever produce may have used up what was free at the last look. Thread-safe.
 */
public final class DiskReserve implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final int MARGIN_PARTS = 8;

    /** How much room there is. */
    @FunctionalInterface
    public interface Disk {
        long usableBytes() throws IOException;
    }

    /** Holds copies of what can be had again. */
    @FunctionalInterface
    public interface Cache {
        /** Gives back about so many bytes of the disk, or all it has where that is less. */
        void release(long bytes) throws IOException;
    }

    private final Disk disk;
    private final long reserveBytes;
    private final List<Cache> caches;
    private final Scheduler scheduler;
    private final AtomicLong admittedBytes = new AtomicLong();
    private volatile long usableBytes = Long.MAX_VALUE;
    private volatile boolean low;
    private volatile boolean closed;

    /** A reserve that is not watched before {@link #start}. */
    public DiskReserve(Disk disk, long reserveBytes, List<Cache> caches, Scheduler scheduler) {
        this.disk = disk;
        this.reserveBytes = reserveBytes;
        this.caches = List.copyOf(caches);
        this.scheduler = scheduler;
    }

    /** Looks at once, and from then on every second. */
    public void start() {
        look();
        if (!closed) {
            scheduler.after(LOOK_AGAIN, this::start);
        }
    }

    private synchronized void look() {
        try {
            long roomy = reserveBytes + reserveBytes / MARGIN_PARTS;
            admittedBytes.set(0);
            long usable = disk.usableBytes();
            for (Cache cache : caches) {
                if (usable < roomy) {
                    cache.release(roomy - usable);
                    usable = disk.usableBytes();
                }
            }
            usableBytes = usable;
            turn(usable < (low ? roomy : reserveBytes));
        } catch (IOException e) {
            LOG.warn("the room on the disk is unknown, as before is assumed low={}", low, e);
        }
    }

    private void turn(boolean nowLow) {
        if (nowLow && !low) {
            LOG.error(
                    "the disk is nearly full, produce is refused until there is room usableBytes={}"
                            + " reserveBytes={}",
                    usableBytes,
                    reserveBytes);
        } else if (!nowLow && low) {
            LOG.info("there is room on the disk again usableBytes={}", usableBytes);
        }
        low = nowLow;
    }

    /** Whether produce of so many bytes may go on; else it must be refused. */
    public boolean admits(long bytes) {
        if (!low && admittedBytes.addAndGet(bytes) > usableBytes - reserveBytes) {
            look();
        }
        return !low;
    }

    /** Whether produce was refused at the last look. */
    public boolean low() {
        return low;
    }

    /** The room there was at the last look. */
    public long usableBytes() {
        return usableBytes;
    }

    public long reserveBytes() {
        return reserveBytes;
    }

    /** Looks no more. */
    @Override
    public void close() {
        closed = true;
    }
}
