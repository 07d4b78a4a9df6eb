package io.tributary.server.node;

import io.tributary.kernel.time.Scheduler;
import io.tributary.server.option.OptionException;
import io.tributary.storage.object.ObjectStoreCounts;
import io.tributary.storage.object.ObjectStoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when the object store goes away and when it is back; asks again for as long as it is away.
 */
final class StoreWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /**
     * How long a start waits to hear from the store; later nothing is stored before it is heard.
     */
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(3);

    private final ObjectStoreCounts objects;
    private final Scheduler scheduler;
    private boolean away;
    private volatile boolean closed;

    StoreWatch(ObjectStoreCounts objects, Scheduler scheduler) {
        this.objects = objects;
        this.scheduler = scheduler;
    }

    /**
     * Asks the store once and begins to watch it. A store that is away stops no start.
     *
     * @throws OptionException the store answers, and cannot be used as it is configured
     */
    void start(ExecutorService background) throws IOException {
        try {
            background.submit(this::ask).get(FIRST_ANSWER.toSeconds(), TimeUnit.SECONDS);
            tell(objects.problem());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (TimeoutException e) {
            away = true;
            LOG.warn("object store does not answer, starting without it; records stay in the log");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ObjectStoreException refused) {
                throw new OptionException("Option --object-store: " + refused.getMessage());
            }
            throw new IOException(e.getCause());
        }
        scheduler.after(PAUSE, this::look);
    }

    private boolean ask() throws IOException {
        try {
            objects.check();
        } catch (ObjectStoreException e) {
            if (e.kind() != ObjectStoreException.Kind.UNAVAILABLE) {
                throw e;
            }
        }
        return true;
    }

    private void look() {
        if (away || objects.problem().isPresent()) {
            try {
                objects.check();
            } catch (IOException e) {
                LOG.debug("object store cannot be used", e);
            }
        }
        if (!closed) {
            tell(objects.problem());
            scheduler.after(PAUSE, this::look);
        }
    }

    private void tell(Optional<ObjectStoreException> problem) {
        if (problem.isPresent() && !away) {
            LOG.warn(
                    "object store cannot be used, records stay in the log kind={} problem={}",
                    problem.get().kind(),
                    problem.get().getMessage());
        } else if (problem.isEmpty() && away) {
            LOG.info("object store is back");
        }
        away = problem.isPresent();
    }

    @Override
    public void close() {
        closed = true;
    }
}
