package io.tributary.ingest.fetch;

import io.tributary.ingest.door.Permission;
import io.tributary.ingest.quota.Claim;
import io.tributary.metadata.quota.Quota;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How fast a reader gets records, by its quotas: who got some waits until they are paid for. */
final class Pace {
    private final Permission permission;
    private final CountDownLatch gone;

    /**
     * A reader's pace.
     *
     * @param gone counted down when the reader goes
     */
    Pace(Permission permission, CountDownLatch gone) {
        this.permission = permission;
        this.gone = gone;
    }

    /** The reader gets so much. */
    void took(long bytes) {
        permission.claim().take(Quota.FETCH_BYTES_PER_SECOND, bytes);
    }

    /** The most that is handed out at once: what a second pays for. */
    int most(int bytes) {
        return (int) Math.min(bytes, permission.claim().perSecond(Quota.FETCH_BYTES_PER_SECOND));
    }

    /**
     * Waits until all is paid for; false when the time is over first, or the reader gone. Blocks.
     */
    boolean await(Duration atMost) throws InterruptedException {
        Claim claim = permission.claim();
        Duration debt = claim.debt(Quota.FETCH_BYTES_PER_SECOND);
        if (debt.isZero()) {
            return true;
        }
        boolean whole = debt.compareTo(atMost) <= 0;
        Duration wait = whole ? debt : atMost;
        claim.throttled(Quota.FETCH_BYTES_PER_SECOND, wait);
        return !gone.await(wait.toNanos(), TimeUnit.NANOSECONDS) && whole;
    }
}
