package io.tributary.storage.shard;

import io.tributary.kernel.fault.FencedException;
import io.tributary.kernel.fault.StorageFullException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.Scheduler.Cancellable;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.Shard;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a shard open: serves what the current {@link OpenShard} has, and opens another under the
 * next epoch when it fails. While none can be opened, say for want of room, what was recovered is
 * served read-only.
 */
final class RunningShard implements Shard {
    private static final Logger LOG = LoggerFactory.getLogger(RunningShard.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** A shard that fails sooner after it was opened is not opened again at once. */
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private static final Refused UNAVAILABLE =
            new Refused(Reason.SHARD_UNAVAILABLE, Duration.ofSeconds(1));

    /** Takes the shard over under its next epoch and rebuilds it. */
    interface Recovery {
        RecoveredShard run() throws IOException;
    }

    private sealed interface Serving {
        /** Neither reads nor appends. */
        record Nothing() implements Serving {}

        /**
         * Reads only.
         *
         * @param openable the state is what the log says, and may be opened for appends
         */
        record ReadOnly(RecoveredShard shard, boolean openable, Refused refusal)
                implements Serving {}

        /** Reads and appends. */
        record Open(OpenShard shard) implements Serving {}
    }

    private final Recovery recovery;
    private final ShardContext.Node node;
    private final Appends appends;
    private volatile Serving serving = new Serving.Nothing();

    private final ReentrantLock opens = new ReentrantLock();
    private Duration pause = FIRST_PAUSE;
    private Instant openedAt = Instant.MIN;
    private Cancellable retry = () -> {};
    private boolean closed;

    RunningShard(Recovery recovery, ShardContext.Node node, DiskReserve reserve) {
        this.recovery = recovery;
        this.node = node;
        appends = new Appends(node, reserve);
    }

    private Environment environment() {
        return node.environment();
    }

    /**
     * Opens the shard, read-only where its ledgers have no room; blocks.
     *
     * @throws IOException it cannot be opened
     */
    void start() throws IOException {
        opens.lock();
        try {
            open();
        } catch (IOException e) {
            if (serving instanceof Serving.Nothing || !StorageFullException.causes(e)) {
                throw e;
            }
            LOG.error("no room for the shard's ledger, it can only be read", e);
            schedule();
        } finally {
            opens.unlock();
        }
    }

    /** Opens what is recovered; recovers it first where the log may say more. */
    private void open() throws IOException {
        RecoveredShard shard;
        if (serving instanceof Serving.ReadOnly waiting && waiting.openable()) {
            shard = waiting.shard();
        } else {
            shard = recovery.run();
            serve(new Serving.ReadOnly(shard, true, UNAVAILABLE));
        }
        try {
            shard.beginLedger(node);
        } catch (FencedException e) {
            serve(new Serving.Nothing());
            throw e;
        } catch (IOException e) {
            serving = new Serving.ReadOnly(shard, true, refusal(e));
            throw e;
        }
        try {
            serving = new Serving.Open(OpenShard.open(shard, node, this::failed));
            openedAt = environment().clock().instant();
        } catch (IOException e) {
            serving = new Serving.ReadOnly(shard, false, refusal(e));
            throw e;
        }
    }

    /** Serves the next, and lets go of what was served before. */
    private void serve(Serving next) {
        Serving before = serving;
        serving = next;
        try {
            switch (before) {
                case Serving.Nothing nothing -> {}
                case Serving.ReadOnly readOnly -> readOnly.shard().close();
                case Serving.Open open -> {
                    open.shard().stop();
                    open.shard().recovered().close();
                }
            }
        } catch (IOException e) {
            LOG.warn("a shard's ledgers did not close well", e);
        }
    }

    private static Refused refusal(Throwable cause) {
        return StorageFullException.causes(cause) ? Appends.STORAGE_FULL : UNAVAILABLE;
    }

    private void failed() {
        environment().scheduler().after(Duration.ZERO, this::replaceFailed);
    }

    private void replaceFailed() {
        opens.lock();
        try {
            if (closed
                    || !(serving instanceof Serving.Open open)
                    || open.shard().failure().isEmpty()) {
                return;
            }
            setAside(open.shard(), open.shard().failure().get());
            Duration lived = Duration.between(openedAt, environment().clock().instant());
            if (lived.compareTo(SETTLED) < 0) {
                schedule();
            } else {
                pause = FIRST_PAUSE;
                tryToOpen();
            }
        } finally {
            opens.unlock();
        }
    }

    /**
     * Serves a failed shard's readers until there is another. Only what the log could not take
     * leaves a state that is right up to the high watermark, and only where nobody else goes on.
     */
    private void setAside(OpenShard failed, Throwable cause) {
        LOG.error("shard failed, opening it anew shard={}", failed.context().shard(), cause);
        if (cause instanceof IOException && !(cause instanceof FencedException)) {
            failed.stop();
            serving = new Serving.ReadOnly(failed.recovered(), false, refusal(cause));
        } else {
            serve(new Serving.Nothing());
        }
    }

    private void openAgain() {
        opens.lock();
        try {
            if (!closed && !(serving instanceof Serving.Open)) {
                tryToOpen();
            }
        } finally {
            opens.unlock();
        }
    }

    private void tryToOpen() {
        try {
            open();
        } catch (IOException e) {
            LOG.error("shard cannot be opened, will try again pause={}", pause, e);
            schedule();
        }
    }

    private void schedule() {
        retry = environment().scheduler().after(pause, this::openAgain);
        pause = pause.multipliedBy(2);
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
            pause = LONGEST_PAUSE;
        }
    }

    /** The shard as it is open now. */
    OpenShard current() throws ShardUnavailableException {
        return switch (serving) {
            case Serving.Open open -> open.shard();
            case Serving.ReadOnly readOnly ->
                    throw new ShardUnavailableException(
                            "the shard is read-only: " + readOnly.refusal().reason());
            case Serving.Nothing nothing -> throw recovering();
        };
    }

    private static ShardUnavailableException recovering() {
        return new ShardUnavailableException("the shard is being recovered");
    }

    /** Whether it can be read. */
    boolean ready() {
        return !(serving instanceof Serving.Nothing);
    }

    boolean readOnly() {
        return serving instanceof Serving.ReadOnly;
    }

    Optional<ShardContext> context() {
        return serving instanceof Serving.Open open
                ? Optional.of(open.shard().context())
                : Optional.empty();
    }

    @Override
    public void append(AppendRequest request, Consumer<AppendOutcome> answer) {
        switch (serving) {
            case Serving.Nothing nothing -> answer.accept(UNAVAILABLE);
            case Serving.ReadOnly readOnly -> answer.accept(readOnly.refusal());
            case Serving.Open open -> appends.append(open.shard().context().own(), request, answer);
        }
    }

    @Override
    public void append(BatchRequest request, Consumer<List<BatchOutcome>> answer) {
        switch (serving) {
            case Serving.Nothing nothing -> Appends.refuse(request, UNAVAILABLE, answer);
            case Serving.ReadOnly readOnly -> Appends.refuse(request, readOnly.refusal(), answer);
            case Serving.Open open -> appends.append(open.shard().context().own(), request, answer);
        }
    }

    private interface Reading<T> {
        T from(RecoveredShard shard) throws IOException;
    }

    private RecoveredShard readable() throws ShardUnavailableException {
        return switch (serving) {
            case Serving.Nothing nothing -> throw recovering();
            case Serving.ReadOnly readOnly -> readOnly.shard();
            case Serving.Open open -> open.shard().recovered();
        };
    }

    /** Reads; once more from the next where this one was let go of meanwhile. */
    private <T> T reading(Reading<T> reading) throws IOException {
        while (true) {
            RecoveredShard now = readable();
            try {
                return reading.from(now);
            } catch (IOException e) {
                if (readable().equals(now)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public Fetched fetch(PartitionId partition, long offset, int maxBytes) throws IOException {
        return reading(shard -> shard.reader().fetch(partition, offset, maxBytes));
    }

    @Override
    public int epoch() throws ShardUnavailableException {
        return Math.toIntExact(readable().epoch());
    }

    @Override
    public boolean remembers(UUID retryKey) throws ShardUnavailableException {
        return readable().state().remembers(retryKey, environment().clock().millis());
    }

    @Override
    public Offsets offsets(PartitionId partition) throws ShardUnavailableException {
        return readable().reads().offsets(partition);
    }

    @Override
    public OptionalLong offsetAtTime(PartitionId partition, long timestampMillis)
            throws IOException {
        return reading(shard -> shard.reader().offsetAtTime(partition, timestampMillis));
    }

    @Override
    public Watch watch(PartitionId partition, long offset, Runnable callback) {
        RecoveredShard now;
        try {
            now = readable();
        } catch (ShardUnavailableException e) {
            Cancellable later = environment().scheduler().after(UNAVAILABLE.retryAfter(), callback);
            return later::cancel;
        }
        return now.watches()
                .add(partition, offset, callback, id -> now.reads().offsets(id).highWatermark());
    }

    @Override
    public long bytesFrom(PartitionId partition, long offset, long enough) throws IOException {
        return readable().reads().bytesFrom(partition, offset, enough);
    }

    @Override
    public List<KnownProducer> producers(PartitionId partition) throws ShardUnavailableException {
        long now = environment().clock().millis();
        return readable()
                .reads()
                .producers(partition, now - node.settings().producerExpiration().toMillis());
    }

    @Override
    public DeleteOutcome deleteRecords(PartitionId partition, OptionalLong beforeOffset)
            throws IOException {
        return current().tiering().deleteRecords(partition, beforeOffset);
    }

    @Override
    public Tiers tiers(PartitionId partition) throws ShardUnavailableException {
        return readable()
                .reads()
                .tiers(partition, segment -> node.local().contains(segment.object()));
    }

    /** Closes the shard for good. */
    void close() {
        opens.lock();
        try {
            closed = true;
            retry.cancel();
            Serving last = serving;
            serve(new Serving.Nothing());
            if (last instanceof Serving.Open open) {
                open.shard().tiering().awaitEnd();
            }
        } finally {
            opens.unlock();
        }
    }
}
