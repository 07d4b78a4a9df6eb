package io.tributary.storage.cache;

import io.tributary.kernel.time.Environment;
import io.tributary.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/** A node's caches of the object tier, and the reader over them. */
public final class Caches {
    private final CacheCounts counts = new CacheCounts();
    private final CacheDisk disk;
    private final LocalObjects local;
    private final ChunkCache chunks;
    private final IndexCache indexes;
    private final SegmentReader segments;

    /**
     * Opens them over a folder; copies of objects that an earlier run left are taken over.
     *
     * @param fetching runs what blocks on the store, each task on a thread of its own
     */
    public Caches(
            Path folder,
            ObjectStore store,
            CacheSettings settings,
            Environment environment,
            Executor fetching)
            throws IOException {
        disk = new CacheDisk(settings.diskBytes(), environment.clock(), counts);
        local = new LocalObjects(folder.resolve("objects"), disk);
        PieceFiles files = new PieceFiles(folder.resolve("pieces"), disk);
        PieceWriter writer = new PieceWriter(files, environment, settings.diskFillBytesPerSecond());
        chunks =
                new ChunkCache(
                        new PieceSource(store, files, writer, counts),
                        writer,
                        settings,
                        environment,
                        fetching,
                        counts);
        indexes = new IndexCache(local, chunks, counts, settings.indexBytes());
        ReadAhead ahead = new ReadAhead(local, indexes, chunks, environment.clock(), fetching);
        segments = new SegmentReader(local, chunks, indexes, ahead, counts);
    }

    public LocalObjects local() {
        return local;
    }

    public ChunkCache chunks() {
        return chunks;
    }

    public SegmentReader segments() {
        return segments;
    }

    public CacheCounts counts() {
        return counts;
    }

    /** Gives back about so many bytes of the local disk, or all where that is less. */
    public void release(long bytes) {
        disk.release(bytes).forEach(CacheDisk.CacheFile::evict);
    }

    /** Bytes of local disk taken by copies and pieces. */
    public long diskBytes() {
        return disk.sizeBytes();
    }

    /** Bytes of memory taken by indexes. */
    public long indexBytes() {
        return indexes.sizeBytes();
    }
}
