package io.tributary.ingest.kafka.wire;

import io.vertx.core.Context;
import java.util.Optional;

/**
 * Whether a connection may read on, as far as memory for its requests goes: looks again while there
 * is none, and hurries who got some that others wait for. Lives on the connection's event loop.
 */
final class Room {
    /** How soon it is looked whether there is memory again. */
    private static final long AGAIN_MILLIS = 20;

    /** How long a request may take to arrive whose memory others wait for. */
    private static final long FAVOUR_MILLIS = 10_000;

    private final FrameMemory.Share memory;
    private final Context loop;
    private final Runnable again;
    private final Runnable hurry;
    private boolean crowded;

    /** Whether it is looked again soon. */
    private boolean looking;

    private boolean ended;

    /** Ends a favour of memory that lasts too long. */
    private Optional<Long> favour = Optional.empty();

    /**
     * Room for a connection that holds nothing yet.
     *
     * @param again asks to say once more what the connection holds, see {@link #hold}
     * @param hurry says that a favour has lasted long enough
     */
    Room(FrameMemory.Share memory, Context loop, Runnable again, Runnable hurry) {
        this.memory = memory;
        this.loop = loop;
        this.again = again;
        this.hurry = hurry;
    }

    /** Whether nothing more may be read now. */
    boolean crowded() {
        return crowded;
    }

    /** Says what the connection holds. */
    void hold(long bytes) {
        switch (memory.hold(bytes)) {
            case FITS -> {
                crowded = false;
                endFavour();
            }
            case FAVOURED -> {
                crowded = false;
                beginFavour();
            }
            case HELD_UP -> {
                beginFavour();
                lookSoon();
            }
            case WAIT -> {
                endFavour();
                lookSoon();
            }
        }
    }

    private void lookSoon() {
        crowded = true;
        if (!looking && !ended) {
            looking = true;
            loop.owner().setTimer(AGAIN_MILLIS, timer -> look());
        }
    }

    private void beginFavour() {
        if (favour.isEmpty()) {
            favour = Optional.of(loop.owner().setTimer(FAVOUR_MILLIS, late -> over()));
        }
    }

    private void look() {
        looking = false;
        if (!ended) {
            again.run();
        }
    }

    private void over() {
        favour = Optional.empty();
        hurry.run();
    }

    private void endFavour() {
        favour.ifPresent(loop.owner()::cancelTimer);
        favour = Optional.empty();
    }

    /** The connection holds nothing more. */
    void end() {
        ended = true;
        memory.giveBack();
        endFavour();
    }
}
