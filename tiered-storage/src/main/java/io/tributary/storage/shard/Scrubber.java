package io.tributary.storage.shard;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.StorageSettings.Scrubbing;
import io.tributary.storage.tiering.Closing;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scrubs a node's part of the object store, by itself at a low rate and whenever it is asked to,
 * and remembers the last report. Thread-safe.
 */
final class Scrubber {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);

    /** Between two requests of a run that nobody waits for. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Runs of many nodes are spread by this part of the interval. */
    private static final double JITTER = 0.1;

    private final ShardContext.Node node;
    private final Opened opened;
    private final Closing closing;
    private final ReentrantLock running = new ReentrantLock();
    private String verifyAfter = "";
    private volatile ScrubReport last = ScrubReport.NEVER;

    /** The shards that are open. */
    interface Opened {
        Map<ShardId, OpenShard> now() throws ShardUnavailableException;
    }

    Scrubber(ShardContext.Node node, Opened opened) {
        this.node = node;
        this.opened = opened;
        closing = new Closing(node.environment().scheduler());
    }

    /** Begins to run by itself; the first time after a random part of the interval. */
    void start() {
        Duration every = node.settings().scrubbing().every();
        if (every.isPositive()) {
            after(every, node.environment().random().nextDouble());
        }
    }

    private void after(Duration every, double part) {
        long millis = Math.max(1, Math.round(every.toMillis() * part));
        node.environment().scheduler().after(Duration.ofMillis(millis), () -> runAlone(every));
    }

    private void runAlone(Duration every) {
        if (closing.isClosed()) {
            return;
        }
        try {
            run(this::pause);
        } catch (IOException | RuntimeException e) {
            if (!closing.isClosed()) {
                LOG.warn("scrub failed, will try again", e);
            }
        }
        if (!closing.isClosed()) {
            after(every, 1 - JITTER + 2 * JITTER * node.environment().random().nextDouble());
        }
    }

    /** Scrubs now, as fast as the store answers; blocks. */
    ScrubReport run() throws IOException {
        return run(() -> {});
    }

    private ScrubReport run(Scrub.Pace pace) throws IOException {
        running.lock();
        try {
            Scrubbing scrubbing = node.settings().scrubbing();
            Scrub scrub =
                    new Scrub(
                            node.objects(),
                            opened.now(),
                            new Scrub.Terms(
                                    node.environment().clock().instant(),
                                    node.settings().orphanGrace(),
                                    scrubbing.verifyBytes(),
                                    verifyAfter,
                                    pace));
            ScrubReport report = scrub.run();
            verifyAfter = scrub.lastVerified();
            last = report;
            log(report);
            return report;
        } finally {
            running.unlock();
        }
    }

    /** Waits, unless somebody waits for this run to end. */
    private void pause() throws IOException {
        try {
            if (!running.hasQueuedThreads() && closing.awaitFor(PAUSE)) {
                throw new InterruptedIOException("the node closes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private static void log(ScrubReport report) {
        if (report.wrong().nothing() && report.unexplained() == 0) {
            LOG.info(
                    "object store scrubbed objects={} bytes={} orphansRemoved={} verifiedBytes={}",
                    report.listed().objects(),
                    report.listed().bytes(),
                    report.causes().orphansRemoved(),
                    report.verification().bytes());
        } else {
            LOG.error(
                    "the object store is not as it should be missing={} wrongSize={} damaged={}"
                            + " unexplained={}",
                    report.wrong().missing(),
                    report.wrong().wrongSize(),
                    report.wrong().damaged(),
                    report.unexplained());
        }
    }

    ScrubReport last() {
        return last;
    }

    /** Ends a run that is under way soon, and begins none. */
    void close() {
        closing.close();
    }
}
