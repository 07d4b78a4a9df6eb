package io.tributary.storage.cache;

import io.tributary.kernel.time.Environment;
import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Pieces of objects in memory, each fetched once for all who want it at the same time. Two budgets:
 * one for what was read, the least recently used out; one for what is fetched ahead of its readers,
 * kept until they come or have not come for a while. Fetches run on threads of the executor, so no
 * reader's fate is another's. Errors are told to those who wait and not kept. Thread-safe.
 */
public final class ChunkCache {
    /** How long what was fetched ahead waits for its reader. */
    static final Duration AHEAD_WAIT = Duration.ofSeconds(30);

    /** A request counts for at least this much of what may be on its way: many small cost, too. */
    private static final int MIN_GET_COST_BYTES = 1 << 20;

    private static final int PERMIT_BYTES = 64 << 10;

    /** The part of the bytes on their way that is for readers who wait already. */
    private static final int DEMAND_PART = 4;

    private static final class Entry {
        private final Piece piece;
        private final CompletableFuture<ByteBuffer> bytes = new CompletableFuture<>();
        private final long sinceMillis;

        /** What it takes of the budget for reading ahead, while it does. */
        private long aheadBytes;

        private Entry(Piece piece, long sinceMillis, long aheadBytes) {
            this.piece = piece;
            this.sinceMillis = sinceMillis;
            this.aheadBytes = aheadBytes;
        }
    }

    private final PieceSource source;
    private final PieceWriter writer;
    private final Environment environment;
    private final Executor fetching;
    private final CacheCounts counts;
    private final long keptBudgetBytes;
    private final long aheadBudgetBytes;
    private final Semaphore demand;
    private final int demandPermits;

    private final ReentrantLock lock = new ReentrantLock();

    /** Pieces that were read, in the order of use. */
    private final Map<Extent, Entry> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** Pieces on their way or fetched ahead, the oldest first. */
    private final Map<Extent, Entry> coming = new LinkedHashMap<>();

    private long keptBytes;
    private long aheadBytes;
    private boolean sweeping;

    ChunkCache(
            PieceSource source,
            PieceWriter writer,
            CacheSettings settings,
            Environment environment,
            Executor fetching,
            CacheCounts counts) {
        this.source = source;
        this.writer = writer;
        this.environment = environment;
        this.fetching = fetching;
        this.counts = counts;
        keptBudgetBytes = settings.chunkBytes();
        long forDemand = Math.max(MIN_GET_COST_BYTES, settings.readAheadBytes() / DEMAND_PART);
        aheadBudgetBytes = settings.readAheadBytes() - forDemand;
        demandPermits = Math.toIntExact(forDemand / PERMIT_BYTES);
        demand = new Semaphore(demandPermits, true);
    }

    /** What all readers together may have fetched ahead. */
    long aheadBudgetBytes() {
        return aheadBudgetBytes;
    }

    /** The piece's bytes; blocks until they are there. */
    ByteBuffer read(Piece piece) throws IOException {
        return await(demand(List.of(piece)).get(piece.extent()));
    }

    /** Waits for a piece; the bytes are shared and read-only. */
    static ByteBuffer await(CompletableFuture<ByteBuffer> bytes) throws IOException {
        try {
            return bytes.get().asReadOnlyBuffer();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw new IOException("a piece cannot be had", e.getCause());
        }
    }

    /** Begins to fetch what is not there or on its way; does not wait for the store. */
    Map<Extent, CompletableFuture<ByteBuffer>> demand(List<Piece> pieces) {
        Map<Extent, CompletableFuture<ByteBuffer>> wanted = new HashMap<>();
        List<Entry> missing = new ArrayList<>();
        lock.lock();
        try {
            for (Piece piece : pieces) {
                Entry entry = kept.get(piece.extent());
                if (entry != null) {
                    counts.memoryHits.increment();
                } else {
                    entry = coming.get(piece.extent());
                    if (entry != null) {
                        join(entry);
                    } else {
                        entry = new Entry(piece, environment.clock().millis(), 0);
                        coming.put(piece.extent(), entry);
                        missing.add(entry);
                    }
                }
                wanted.put(piece.extent(), entry.bytes);
            }
        } finally {
            lock.unlock();
        }
        start(missing, true);
        return wanted;
    }

    /** A reader has come for a piece that is on its way or was fetched ahead. Under the lock. */
    private void join(Entry entry) {
        if (entry.bytes.isDone()) {
            counts.memoryHits.increment();
        } else {
            counts.shared.increment();
        }
        if (entry.aheadBytes > 0) {
            counts.aheadUsedBytes.add(entry.piece.extent().lengthBytes());
            releaseAhead(entry);
            if (entry.bytes.isDone()) {
                coming.remove(entry.piece.extent());
                keep(entry);
            }
        }
    }

    private void releaseAhead(Entry entry) {
        aheadBytes -= entry.aheadBytes;
        entry.aheadBytes = 0;
    }

    /** Whether nobody has to ask the store for this any more. */
    boolean has(Extent extent) {
        lock.lock();
        try {
            return kept.containsKey(extent) || coming.containsKey(extent);
        } finally {
            lock.unlock();
        }
    }

    /** Begins to fetch a run of pieces for a reader to come; false when the budget is used up. */
    boolean ahead(List<Piece> run) {
        long bytes = Piece.bytes(run);
        long cost = Math.max(bytes, MIN_GET_COST_BYTES);
        List<Entry> missing = new ArrayList<>();
        lock.lock();
        try {
            if (aheadBytes + cost > aheadBudgetBytes) {
                return false;
            }
            for (Piece piece : run) {
                if (!kept.containsKey(piece.extent()) && !coming.containsKey(piece.extent())) {
                    long share = cost * piece.extent().lengthBytes() / bytes;
                    Entry entry = new Entry(piece, environment.clock().millis(), share);
                    coming.put(piece.extent(), entry);
                    aheadBytes += share;
                    missing.add(entry);
                }
            }
            sweepLater();
        } finally {
            lock.unlock();
        }
        start(missing, false);
        return true;
    }

    private void start(List<Entry> missing, boolean demanded) {
        Map<Extent, Entry> entries = new HashMap<>();
        missing.forEach(entry -> entries.put(entry.piece.extent(), entry));
        List<Piece> pieces = missing.stream().map(entry -> entry.piece).toList();
        for (List<Piece> run : Piece.runs(pieces, PieceSource.MAX_GET_BYTES)) {
            List<Entry> load = run.stream().map(piece -> entries.get(piece.extent())).toList();
            try {
                fetching.execute(() -> load(load, demanded));
            } catch (RejectedExecutionException e) {
                load.forEach(entry -> failed(entry, new IOException("the node is closing", e)));
            }
        }
    }

    private void load(List<Entry> run, boolean demanded) {
        Map<Extent, Entry> entries = new HashMap<>();
        run.forEach(entry -> entries.put(entry.piece.extent(), entry));
        List<Piece> pieces = run.stream().map(entry -> entry.piece).toList();
        int permits = demanded ? permits(Piece.bytes(pieces)) : 0;
        int taken = 0;
        try {
            if (permits > 0) {
                demand.acquire(permits);
                taken = permits;
            }
            source.load(
                    pieces,
                    new PieceSource.Sink() {
                        @Override
                        public boolean landed(Piece piece, ByteBuffer bytes) {
                            return ChunkCache.this.landed(entries.get(piece.extent()), bytes);
                        }

                        @Override
                        public void failed(Piece piece, IOException problem) {
                            ChunkCache.this.failed(entries.get(piece.extent()), problem);
                        }
                    });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            demand.release(taken);
            // Whatever went wrong, nobody waits for ever.
            IOException ended = new IOException("a fetch from the object store was broken off");
            run.stream()
                    .filter(entry -> !entry.bytes.isDone())
                    .forEach(entry -> failed(entry, ended));
        }
    }

    private int permits(long bytes) {
        long cost = Math.max(bytes, MIN_GET_COST_BYTES);
        return (int) Math.min(demandPermits, cost / PERMIT_BYTES);
    }

    private boolean landed(Entry entry, ByteBuffer bytes) {
        lock.lock();
        try {
            boolean wanted = coming.get(entry.piece.extent()) == entry;
            if (wanted) {
                if (entry.aheadBytes > 0) {
                    aheadBytes += entry.piece.extent().lengthBytes() - entry.aheadBytes;
                    entry.aheadBytes = entry.piece.extent().lengthBytes();
                } else {
                    coming.remove(entry.piece.extent());
                    keep(entry);
                }
            }
            entry.bytes.complete(bytes);
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private void failed(Entry entry, IOException problem) {
        lock.lock();
        try {
            coming.remove(entry.piece.extent(), entry);
            releaseAhead(entry);
        } finally {
            lock.unlock();
        }
        entry.bytes.completeExceptionally(problem);
    }

    /** Under the lock. */
    private void keep(Entry entry) {
        kept.put(entry.piece.extent(), entry);
        keptBytes += entry.piece.extent().lengthBytes();
        Iterator<Entry> eldest = kept.values().iterator();
        while (keptBytes > keptBudgetBytes && eldest.hasNext()) {
            keptBytes -= eldest.next().piece.extent().lengthBytes();
            eldest.remove();
        }
    }

    /** Under the lock. */
    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            environment.scheduler().after(AHEAD_WAIT, this::sweep);
        }
    }

    /** Lets go of what was fetched ahead and not wanted since. */
    private void sweep() {
        lock.lock();
        try {
            long old = environment.clock().millis() - AHEAD_WAIT.toMillis();
            removeComing(entry -> entry.bytes.isDone() && entry.sinceMillis <= old);
            sweeping = false;
            if (aheadBytes > 0) {
                sweepLater();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock; fetches under way go on for those who wait, but nothing of them is kept. */
    private void removeComing(Predicate<Entry> which) {
        coming.values()
                .removeIf(
                        entry -> {
                            if (!which.test(entry)) {
                                return false;
                            }
                            if (entry.aheadBytes > 0) {
                                counts.aheadWastedBytes.add(entry.piece.extent().lengthBytes());
                                releaseAhead(entry);
                            }
                            return true;
                        });
    }

    /** Forgets an object, in memory and on disk. */
    public void drop(ObjectId object) {
        drop((Extent extent) -> extent.object().equals(object));
        writer.drop(object);
    }

    /** Forgets everything, in memory and on disk. */
    public void dropAll() {
        drop(extent -> true);
        writer.dropAll();
    }

    private void drop(Predicate<Extent> which) {
        lock.lock();
        try {
            removeComing(entry -> which.test(entry.piece.extent()));
            kept.values()
                    .removeIf(
                            entry -> {
                                boolean gone = which.test(entry.piece.extent());
                                keptBytes -= gone ? entry.piece.extent().lengthBytes() : 0;
                                return gone;
                            });
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of pieces that were read. */
    public long sizeBytes() {
        lock.lock();
        try {
            return keptBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes on their way ahead of readers, or waiting for them. */
    public long aheadBytes() {
        lock.lock();
        try {
            return aheadBytes;
        } finally {
            lock.unlock();
        }
    }
}
