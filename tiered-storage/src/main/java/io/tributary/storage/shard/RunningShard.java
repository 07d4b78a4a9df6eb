package io.tributary.storage.shard;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.Shard;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a shard open: serves what the current {@link OpenShard} has, and opens another under the
 * next epoch when it fails.
 */
final class RunningShard implements Shard {
    private static final Logger LOG = LoggerFactory.getLogger(RunningShard.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration UNAVAILABLE_RETRY = Duration.ofSeconds(1);
    private static final Duration BACKLOG_RETRY = Duration.ofSeconds(5);

    /** Opens the shard under its next epoch. */
    interface Opening {
        OpenShard open(Consumer<Throwable> onFailure) throws IOException;
    }

    private final Opening opening;
    private final Scheduler scheduler;
    private final long backlogBytes;
    private volatile Optional<OpenShard> open = Optional.empty();
    private final ReentrantLock opens = new ReentrantLock();
    private Duration pause = FIRST_PAUSE;
    private boolean closed;

    RunningShard(Opening opening, Scheduler scheduler, long backlogBytes) {
        this.opening = opening;
        this.scheduler = scheduler;
        this.backlogBytes = backlogBytes;
    }

    /** Opens the shard; blocks. */
    void start() throws IOException {
        opens.lock();
        try {
            open = Optional.of(opening.open(this::failed));
        } finally {
            opens.unlock();
        }
    }

    private void failed(Throwable cause) {
        LOG.error("shard failed, opening it anew", cause);
        scheduler.after(Duration.ZERO, this::reopen);
    }

    private void reopen() {
        opens.lock();
        try {
            if (closed) {
                return;
            }
            if (open.isPresent()) {
                OpenShard failed = open.get();
                open = Optional.empty();
                failed.close();
            }
            start();
            pause = FIRST_PAUSE;
        } catch (IOException e) {
            LOG.error("shard cannot be opened, will try again pause={}", pause, e);
            scheduler.after(pause, this::reopen);
            pause = pause.multipliedBy(2);
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
        } finally {
            opens.unlock();
        }
    }

    /** The shard as it is open now. */
    OpenShard current() throws ShardUnavailableException {
        return open.orElseThrow(
                () -> new ShardUnavailableException("the shard is being recovered"));
    }

    boolean ready() {
        return open.isPresent();
    }

    Optional<ShardContext> context() {
        return open.map(OpenShard::context);
    }

    @Override
    public void append(AppendRequest request, Consumer<AppendOutcome> answer) {
        Optional<OpenShard> now = open;
        if (now.isEmpty()) {
            answer.accept(new Refused(Reason.SHARD_UNAVAILABLE, UNAVAILABLE_RETRY));
            return;
        }
        ShardContext.Own own = now.get().context().own();
        if (own.state().loggedBytes() >= backlogBytes) {
            answer.accept(new Refused(Reason.BACKLOG_FULL, BACKLOG_RETRY));
            return;
        }
        own.sequencer().append(request, answer);
    }

    @Override
    public Fetched fetch(PartitionId partition, long offset, int maxBytes) throws IOException {
        return current().reader().fetch(partition, offset, maxBytes);
    }

    @Override
    public Offsets offsets(PartitionId partition) throws ShardUnavailableException {
        return current().reads().offsets(partition);
    }

    @Override
    public OptionalLong offsetAtTime(PartitionId partition, long timestampMillis)
            throws IOException {
        return current().reader().offsetAtTime(partition, timestampMillis);
    }

    @Override
    public Watch watch(PartitionId partition, long offset, Runnable callback) {
        Optional<OpenShard> now = open;
        if (now.isEmpty()) {
            scheduler.after(UNAVAILABLE_RETRY, callback);
            return () -> {};
        }
        return now.get()
                .watches()
                .add(
                        partition,
                        offset,
                        callback,
                        id -> now.get().reads().offsets(id).highWatermark());
    }

    @Override
    public DeleteOutcome deleteRecords(PartitionId partition, OptionalLong beforeOffset)
            throws IOException {
        return current().tiering().deleteRecords(partition, beforeOffset);
    }

    @Override
    public Tiers tiers(PartitionId partition) throws ShardUnavailableException {
        OpenShard now = current();
        return now.reads()
                .tiers(
                        partition,
                        segment -> now.context().node().local().contains(segment.object()));
    }

    /** Closes the shard for good. */
    void close() throws IOException {
        opens.lock();
        try {
            closed = true;
            if (open.isPresent()) {
                OpenShard last = open.get();
                open = Optional.empty();
                last.close();
            }
        } finally {
            opens.unlock();
        }
    }
}
