package io.tributary.storage.cache;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Read indexes of segments, in memory up to a budget, the least recently used out. Thread-safe;
 * blocks where an index has to be fetched.
 */
final class IndexCache {
    private record Key(ObjectId object, long position) {}

    private final LocalObjects local;
    private final ChunkCache chunks;
    private final CacheCounts counts;
    private final long budgetBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, SegmentMap> maps = new LinkedHashMap<>(16, 0.75f, true);
    private long heapBytes;

    IndexCache(LocalObjects local, ChunkCache chunks, CacheCounts counts, long budgetBytes) {
        this.local = local;
        this.chunks = chunks;
        this.counts = counts;
        this.budgetBytes = budgetBytes;
    }

    SegmentMap get(Place place) throws IOException {
        return get(place, Map.of());
    }

    /** Gets it from a piece that is on its way, if it is in one of those. */
    SegmentMap get(Place place, Map<Extent, CompletableFuture<ByteBuffer>> coming)
            throws IOException {
        Key key = new Key(place.object(), place.segment().position());
        lock.lock();
        try {
            SegmentMap known = maps.get(key);
            if (known != null) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        SegmentMap read = fromCopy(place).orElse(null);
        if (read == null) {
            read = fromPieces(place, coming);
        }
        keep(key, read);
        return read;
    }

    private Optional<SegmentMap> fromCopy(Place place) throws IOException {
        Optional<ByteBuffer> bytes =
                local.read(
                        place.object(),
                        place.segment().indexPosition(),
                        place.segment().indexLengthBytes());
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(SegmentMap.of(place, bytes.get()));
        } catch (MalformedBytesException e) {
            SegmentReader.dropDamaged(local, counts, place, place.segment().indexPosition());
            return Optional.empty();
        }
    }

    private SegmentMap fromPieces(Place place, Map<Extent, CompletableFuture<ByteBuffer>> coming)
            throws IOException {
        Optional<Piece> compact = SegmentMap.compact(place);
        if (compact.isEmpty()) {
            return SegmentMap.of(place, chunks.read(SegmentMap.indexPiece(place)));
        }
        CompletableFuture<ByteBuffer> whole = coming.get(compact.get().extent());
        return SegmentMap.of(
                place,
                SegmentMap.indexOf(
                        place,
                        whole == null ? chunks.read(compact.get()) : ChunkCache.await(whole)));
    }

    private void keep(Key key, SegmentMap read) {
        lock.lock();
        try {
            SegmentMap before = maps.put(key, read);
            heapBytes += read.heapBytes() - (before == null ? 0 : before.heapBytes());
            Iterator<SegmentMap> eldest = maps.values().iterator();
            while (heapBytes > budgetBytes && eldest.hasNext()) {
                heapBytes -= eldest.next().heapBytes();
                eldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    long sizeBytes() {
        lock.lock();
        try {
            return heapBytes;
        } finally {
            lock.unlock();
        }
    }
}
