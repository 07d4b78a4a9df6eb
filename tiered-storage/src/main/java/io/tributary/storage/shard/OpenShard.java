package io.tributary.storage.shard;

import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt;
import io.tributary.storage.append.Sequencer;
import io.tributary.storage.log.Command;
import io.tributary.storage.state.Levels;
import io.tributary.storage.state.Upkeep;
import io.tributary.storage.tiering.Closing;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.storage.tiering.Tiering;
import io.tributary.storage.tiering.TieringCounts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recovered shard that takes appends, until it is stopped or fails. What failed is never mended
 * in place: another is recovered from the log. Until then this one may be read: no reader gets
 * beyond the high watermark, and what lies below it is durable.
 */
final class OpenShard {
    private static final Logger LOG = LoggerFactory.getLogger(OpenShard.class);

    private final RecoveredShard recovered;
    private final ShardContext context;
    private final Tiering tiering;
    private final Thread sequencing;
    private final CompletableFuture<Throwable> failure;

    private OpenShard(
            RecoveredShard recovered, ShardContext context, CompletableFuture<Throwable> failure) {
        this.recovered = recovered;
        this.context = context;
        this.failure = failure;
        tiering = new Tiering(context);
        sequencing = context.node().environment().threads().newThread(this::sequence);
        sequencing.setName("tributary-shard-" + context.shard());
    }

    /**
     * Opens the shard for appends; blocks. Where this fails once the log has a ledger for them, the
     * shard can only be read from then on.
     *
     * @param onFailure called once when the shard can take appends no longer
     */
    static OpenShard open(RecoveredShard recovered, ShardContext.Node node, Runnable onFailure)
            throws IOException {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Sequencer sequencer =
                new Sequencer(
                        recovered.state(),
                        recovered.log(),
                        recovered.watches(),
                        node.environment().clock(),
                        new Sequencer.Terms(
                                recovered.epoch(), node.settings().maxRetryKeysPerTenant()),
                        cause -> {
                            failure.complete(cause);
                            onFailure.run();
                        });
        ShardContext context =
                new ShardContext(
                        node,
                        recovered.shard(),
                        recovered.epoch(),
                        new ShardContext.Own(
                                recovered.manifest(),
                                recovered.state(),
                                new Upkeep(recovered.state()),
                                new Levels(recovered.state()),
                                recovered.log(),
                                sequencer,
                                new TieringCounts(),
                                new Closing(node.environment().scheduler())));
        OpenShard open = new OpenShard(recovered, context, failure);
        boolean complete = false;
        try {
            open.start();
            complete = true;
            return open;
        } finally {
            if (!complete) {
                open.stop();
            }
        }
    }

    private void start() throws IOException {
        sequencing.start();
        log(List.of(new Command.EpochStarted(context.epoch())));
        tiering.start();
        LOG.info(
                "shard open shard={} epoch={} partitions={}",
                context.shard(),
                context.epoch(),
                context.own().upkeep().counts().partitions());
    }

    private void sequence() {
        try {
            context.own().sequencer().run();
        } catch (InterruptedException e) {
            context.own().sequencer().fail(e);
            Thread.currentThread().interrupt();
        }
    }

    ShardContext context() {
        return context;
    }

    RecoveredShard recovered() {
        return recovered;
    }

    /** Why it takes appends no longer; empty while it does. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.getNow(null));
    }

    Tiering tiering() {
        return tiering;
    }

    /** Removes topics; durable, and nothing of them is served, when this returns. */
    void remove(Collection<TopicId> topics, Receipt.Why why) throws IOException {
        List<Command> removals = new ArrayList<>();
        for (TopicId topic : topics) {
            if (!context.own().state().removed(topic)) {
                removals.add(new Command.TopicRemoved(topic, why));
            }
        }
        if (!removals.isEmpty()) {
            log(removals);
            tiering.removed();
        }
    }

    private void log(List<Command> commands) throws IOException {
        try {
            context.own().sequencer().submit(commands).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw new IOException("the shard's log failed", e.getCause());
        }
    }

    /** Finishes what is queued and answers it; what is durable can still be read. */
    void stop() {
        context.own().closing().close();
        context.own().sequencer().close();
        try {
            sequencing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
