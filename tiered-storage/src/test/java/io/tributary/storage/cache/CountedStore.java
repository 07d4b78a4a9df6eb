package io.tributary.storage.cache;

import io.tributary.storage.object.MemoryObjectStore;
import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A store in memory that remembers every read of an object, and can hold reads up. */
public final class CountedStore extends MemoryObjectStore {
    /** One ranged read. */
    public record Get(String key, long offset, int length) {}

    public final List<Get> reads = new CopyOnWriteArrayList<>();
    public final AtomicReference<Optional<CountDownLatch>> gate =
            new AtomicReference<>(Optional.empty());
    final AtomicInteger mostAtOnce = new AtomicInteger();
    final AtomicInteger waiting = new AtomicInteger();

    /** How many of the next reads of an object bring a flipped bit. */
    final Map<String, AtomicInteger> flips = new ConcurrentHashMap<>();

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        if (ObjectId.parse(key).isEmpty()) {
            return super.get(key, offset, length);
        }
        reads.add(new Get(key, offset, length));
        mostAtOnce.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        try {
            if (gate.get().isPresent()) {
                gate.get().get().await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException();
        } finally {
            waiting.decrementAndGet();
        }
        ByteBuffer bytes = super.get(key, offset, length);
        AtomicInteger flip = flips.get(key);
        if (flip != null && flip.getAndDecrement() > 0) {
            bytes.put(length / 2, (byte) (bytes.get(length / 2) ^ 1));
        }
        return bytes;
    }

    long bytesRead() {
        return reads.stream().mapToLong(Get::length).sum();
    }

    /** Holds reads up until the latch is counted down. */
    public CountDownLatch hold() {
        CountDownLatch latch = new CountDownLatch(1);
        gate.set(Optional.of(latch));
        return latch;
    }
}
