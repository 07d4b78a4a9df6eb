package io.tributary.storage.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;

/**
 * Pieces of objects in memory, fetched from the store by ranged reads, one for all who want the
 * same. Thread-safe; reads block on the store.
 */
public final class ChunkCache {
    /** Pieces begin at multiples of this. */
    static final int CHUNK_BYTES = 1 << 20;

    private record Chunk(ObjectId object, long objectBytes, long index) {
        int length() {
            return (int) Math.min(CHUNK_BYTES, objectBytes - index * CHUNK_BYTES);
        }
    }

    private final LoadingCache<Chunk, ByteBuffer> chunks;

    public ChunkCache(ObjectStore store, long budgetBytes) {
        chunks =
                Caffeine.newBuilder()
                        .maximumWeight(budgetBytes)
                        .weigher((Chunk chunk, ByteBuffer bytes) -> bytes.capacity())
                        .executor(Runnable::run)
                        .build(
                                chunk ->
                                        store.get(
                                                chunk.object().key(),
                                                chunk.index() * CHUNK_BYTES,
                                                chunk.length()));
    }

    /** Reads exactly these bytes of an object of this size. */
    public ByteBuffer read(ObjectId object, long objectBytes, long position, int length)
            throws IOException {
        long first = position / CHUNK_BYTES;
        int within = (int) (position % CHUNK_BYTES);
        if (within + length <= CHUNK_BYTES) {
            return chunk(new Chunk(object, objectBytes, first)).slice(within, length);
        }
        ByteBuffer whole = ByteBuffer.allocate(length);
        long at = position;
        while (whole.hasRemaining()) {
            int from = (int) (at % CHUNK_BYTES);
            ByteBuffer chunk = chunk(new Chunk(object, objectBytes, at / CHUNK_BYTES));
            int take = Math.min(whole.remaining(), chunk.capacity() - from);
            whole.put(chunk.slice(from, take));
            at += take;
        }
        return whole.flip();
    }

    private ByteBuffer chunk(Chunk chunk) throws IOException {
        try {
            return chunks.get(chunk).asReadOnlyBuffer();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Forgets an object. */
    public void drop(ObjectId object) {
        chunks.asMap().keySet().removeIf(chunk -> chunk.object().equals(object));
    }

    public void dropAll() {
        chunks.invalidateAll();
    }

    /** Bytes held. */
    public long sizeBytes() {
        return chunks.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
}
