package io.tributary.storage.tiering;

import io.tributary.storage.cache.LocalObjects;
import io.tributary.storage.log.Command;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.recompression.SegmentEncoder;
import io.tributary.storage.segment.ObjectWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings objects of a shard into the store and into its log, in this order, trying as long as the
 * shard is open. Thread-safe; blocks.
 */
final class Uploads {
    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** While somebody waits. */
    private static final Duration SHORT_PAUSE = Duration.ofSeconds(1);

    private final ShardContext shard;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private volatile Optional<Duration> patience = Optional.empty();
    private volatile OptionalLong failingSinceMillis = OptionalLong.empty();

    Uploads(ShardContext shard) {
        this.shard = shard;
    }

    /** Writes the segments of an object. */
    interface Content {
        /** Returns what the log has to say before it names the object. */
        List<Command> writeTo(SegmentEncoder writer) throws IOException;
    }

    /** An object's file, and what the log has to say before it names the object. */
    private record Made(ObjectWriter.Written written, List<Command> before) {}

    private interface Store {
        void put(String key, Path file) throws IOException;
    }

    /** From now on gives up what fails for so long; empty to try as long as the shard is open. */
    void giveUpAfter(Optional<Duration> failing) {
        patience = failing;
    }

    /** Whether the store has taken nothing for so long that was put there. */
    boolean failingFor(Duration time) {
        OptionalLong since = failingSinceMillis;
        return since.isPresent() && shard.nowMillis() - since.getAsLong() >= time.toMillis();
    }

    /** Keys of what may be in the store though neither log nor manifest names it yet. */
    Set<String> underWay() {
        return new TreeSet<>(underWay);
    }

    /** The key is under way until {@link #arrived}. */
    void begin(String key) {
        underWay.add(key);
    }

    /** The log or the manifest names the key, or it was given up. */
    void arrived(String key) {
        underWay.remove(key);
    }

    /**
     * Makes, uploads and logs one object, trying as long as the shard is open; it serves readers
     * when this returns.
     */
    ObjectWriter.Written upload(int level, Content content) throws IOException {
        return upload(
                level, true, content, (key, file) -> store(key, () -> objects().put(key, file)));
    }

    /**
     * Makes, uploads and logs one object, or fails when the store does.
     *
     * @param keepCopy whether to keep a copy on the local disk
     */
    ObjectWriter.Written uploadOnce(int level, boolean keepCopy, Content content)
            throws IOException {
        return upload(level, keepCopy, content, objects()::put);
    }

    private ObjectWriter.Written upload(int level, boolean keepCopy, Content content, Store store)
            throws IOException {
        ObjectId id =
                ObjectId.make(
                        shard.shard(),
                        shard.epoch(),
                        level,
                        shard.nowMillis(),
                        shard.node().environment().random());
        LocalObjects local = shard.node().local();
        Path file = local.newFile(id);
        begin(id.key());
        try {
            Made made = write(file, id, content);
            ObjectWriter.Written written = made.written();
            store.put(id.key(), file);
            if (keepCopy) {
                local.adopt(id, file);
            }
            List<Command> commands = new ArrayList<>(made.before());
            commands.add(new Command.SegmentsStored(id, written.sizeBytes(), written.segments()));
            log(commands);
            return written;
        } finally {
            arrived(id.key());
            Files.deleteIfExists(file);
        }
    }

    private Made write(Path file, ObjectId id, Content content) throws IOException {
        try (ObjectWriter writer = new ObjectWriter(file, id);
                SegmentEncoder encoder =
                        new SegmentEncoder(writer, shard.node().settings().tier().zstdLevel())) {
            List<Command> before = content.writeTo(encoder);
            shard.own().counts().encoded(encoder.bytesIn(), encoder.bytesOut());
            return new Made(writer.finish(), before);
        }
    }

    private ObjectStore objects() {
        return shard.node().objects();
    }

    /** Puts something into the store. */
    interface Put {
        void run() throws IOException;
    }

    /** Puts what goes under a key, trying until it is there or the shard closes. */
    void store(String key, Put put) throws IOException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                put.run();
                failingSinceMillis = OptionalLong.empty();
                return;
            } catch (ObjectStoreException e) {
                if (e.kind() == ObjectStoreException.Kind.EXISTS) {
                    throw e;
                }
                if (failingSinceMillis.isEmpty()) {
                    failingSinceMillis = OptionalLong.of(shard.nowMillis());
                }
                if (patience.filter(this::failingFor).isPresent()) {
                    throw e;
                }
                LOG.warn(
                        "upload failed, will try again shard={} key={} kind={} pause={} problem={}",
                        shard.shard(),
                        key,
                        e.kind(),
                        pause,
                        e.getMessage());
            }
            pause(pause);
            pause = pause.multipliedBy(2);
            Duration longest = patience.isPresent() ? SHORT_PAUSE : LONGEST_PAUSE;
            if (pause.compareTo(longest) > 0) {
                pause = longest;
            }
        }
    }

    /** Logs commands and waits until they are durable. */
    void log(List<Command> commands) throws IOException {
        try {
            shard.own().sequencer().submit(commands).get();
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw new IOException("the shard's log failed", e.getCause());
        }
    }

    UUID newUuid() {
        return new UUID(
                shard.node().environment().random().nextLong(),
                shard.node().environment().random().nextLong());
    }

    /** Waits, unless the shard closes. */
    void pause(Duration pause) throws IOException {
        try {
            if (shard.own().closing().awaitFor(pause)) {
                throw new InterruptedIOException("the shard closes");
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }
}
