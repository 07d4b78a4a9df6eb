package io.tributary.storage.object;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** An object store in memory that can be away. */
public class MemoryObjectStore implements ObjectStore {
    public final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    public final AtomicBoolean away = new AtomicBoolean();
    public final AtomicInteger gets = new AtomicInteger();

    /** Keys that were stored, in order. */
    public final Queue<String> puts = new ConcurrentLinkedQueue<>();

    /** Keys that no listing shows yet. */
    public final Set<String> unlisted = ConcurrentHashMap.newKeySet();

    /** Sizes by key of what listings still show though it is gone. */
    public final Map<String, Integer> ghosts = new ConcurrentHashMap<>();

    /** Deletions take effect, and their answers are lost. */
    public final AtomicBoolean deletesUnanswered = new AtomicBoolean();

    private void reach() throws ObjectStoreException {
        if (away.get()) {
            throw new ObjectStoreException(Kind.UNAVAILABLE, "away");
        }
    }

    @Override
    public void put(String key, Path file) throws IOException {
        put(key, ByteBuffer.wrap(Files.readAllBytes(file)));
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        reach();
        ObjectKeys.check(key);
        byte[] content = new byte[bytes.remaining()];
        bytes.duplicate().get(content);
        byte[] there = objects.putIfAbsent(key, content);
        if (there != null && !Arrays.equals(there, content)) {
            throw new ObjectStoreException(Kind.EXISTS, key);
        }
        puts.add(key);
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        reach();
        gets.incrementAndGet();
        byte[] content = objects.get(key);
        if (content == null) {
            throw new ObjectStoreException(Kind.MISSING, key);
        }
        if (offset + length > content.length) {
            throw new ObjectStoreException(Kind.CORRUPT, key);
        }
        return ByteBuffer.wrap(Arrays.copyOfRange(content, (int) offset, (int) offset + length));
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        reach();
        NavigableMap<String, Integer> listed = new TreeMap<>(ghosts);
        objects.forEach((key, content) -> listed.put(key, content.length));
        listed.keySet().removeAll(unlisted);
        return listed.tailMap(after.orElse(""), false).entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .limit(limit)
                .map(e -> new ObjectInfo(e.getKey(), e.getValue(), Instant.EPOCH))
                .toList();
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        reach();
        objects.keySet().removeAll(keys);
        if (deletesUnanswered.get()) {
            throw new ObjectStoreException(Kind.UNAVAILABLE, "no answer");
        }
    }

    @Override
    public void check() throws IOException {
        reach();
    }

    @Override
    public void close() {}
}
