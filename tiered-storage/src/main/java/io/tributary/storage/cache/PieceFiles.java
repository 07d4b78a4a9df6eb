package io.tributary.storage.cache;

import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of objects on the local disk, one after the other in a few large files that are evicted
 * whole. Where they lie is known in memory only, so a start begins with an empty folder. Never
 * synced; what is read must be checked by the caller. Trouble with the disk is no error here, only
 * a piece that is not found. Thread-safe; reads and writes block on the disk.
 */
final class PieceFiles {
    /** Into how many files the budget is cut; as many stay open. */
    private static final int FILES = 128;

    private static final long MIN_FILE_BYTES = 1 << 20;

    /** Bounds what the places take in memory, some 200 bytes each. */
    private static final int MAX_PIECES = 1 << 16;

    private final class Pack implements CacheDisk.CacheFile {
        private final Path path;
        private final FileChannel channel;
        private final Set<Extent> pieces = new LinkedHashSet<>();
        private long usedBytes;

        private Pack(Path path) throws IOException {
            this.path = path;
            channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
        }

        @Override
        public void evict() {
            lock.lock();
            try {
                packs.remove(this);
                pieces.forEach(extent -> forget(extent, this));
            } finally {
                lock.unlock();
            }
            try {
                channel.close();
                Files.deleteIfExists(path);
            } catch (IOException e) {
                disk.failed(e);
            }
        }
    }

    /** Where a piece lies. */
    private static final class Place {
        private final Pack pack;
        private final long position;
        private boolean written;

        private Place(Pack pack, long position) {
            this.pack = pack;
            this.position = position;
        }
    }

    private final Path directory;
    private final CacheDisk disk;
    private final long fileBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectId, Map<Extent, Place>> objects = new HashMap<>();

    /** The newest, which takes what is written, last. */
    private final Deque<Pack> packs = new ArrayDeque<>();

    private int pieces;
    private long packsMade;

    /** Begins with an empty folder: what an earlier run left is removed. */
    PieceFiles(Path directory, CacheDisk disk) throws IOException {
        this.directory = directory;
        this.disk = disk;
        fileBytes = Math.max(MIN_FILE_BYTES, disk.budgetBytes() / FILES);
        Files.createDirectories(directory);
        try (Stream<Path> left = Files.list(directory)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
    }

    /** The bytes kept for a piece, unchecked; empty when there are none, or the disk fails. */
    Optional<ByteBuffer> read(Extent extent) {
        Place place;
        lock.lock();
        try {
            place = place(extent);
            if (place == null || !place.written || !disk.usable()) {
                return Optional.empty();
            }
        } finally {
            lock.unlock();
        }
        disk.touch(place.pack);
        ByteBuffer bytes = ByteBuffer.allocate(extent.lengthBytes());
        try {
            while (bytes.hasRemaining()) {
                if (place.pack.channel.read(bytes, place.position + bytes.position()) < 0) {
                    return Optional.empty();
                }
            }
            return Optional.of(bytes.flip());
        } catch (ClosedChannelException e) {
            return Optional.empty();
        } catch (IOException e) {
            disk.failed(e);
            return Optional.empty();
        }
    }

    /** Whether a piece may be written now. */
    boolean takes(Extent extent) {
        return disk.usable() && extent.lengthBytes() <= disk.budgetBytes();
    }

    /** Keeps a piece, if the disk takes it. */
    void write(Extent extent, ByteBuffer bytes) {
        if (!takes(extent)) {
            return;
        }
        Place place;
        List<CacheDisk.CacheFile> evicted = new ArrayList<>();
        lock.lock();
        try {
            Map<Extent, Place> known =
                    objects.computeIfAbsent(extent.object(), id -> new LinkedHashMap<>());
            if (known.containsKey(extent)) {
                return;
            }
            Pack pack = packWithRoom(extent.lengthBytes());
            place = new Place(pack, pack.usedBytes);
            pack.usedBytes += extent.lengthBytes();
            pack.pieces.add(extent);
            known.put(extent, place);
            pieces++;
            if (pieces > MAX_PIECES) {
                disk.remove(packs.getFirst());
                evicted.add(packs.getFirst());
            }
            evicted.addAll(disk.grow(pack, extent.lengthBytes()));
        } catch (IOException e) {
            disk.failed(e);
            return;
        } finally {
            lock.unlock();
        }
        evicted.forEach(CacheDisk.CacheFile::evict);
        if (writeAt(place, bytes.duplicate())) {
            settle(extent, place);
        }
    }

    /** A pack that takes so many bytes more. Under the lock. */
    private Pack packWithRoom(int bytes) throws IOException {
        if (packs.isEmpty() || packs.getLast().usedBytes + bytes > fileBytes) {
            packs.addLast(new Pack(directory.resolve(Long.toString(packsMade++))));
        }
        return packs.getLast();
    }

    private boolean writeAt(Place place, ByteBuffer bytes) {
        long at = place.position - bytes.position();
        try {
            while (bytes.hasRemaining()) {
                place.pack.channel.write(bytes, at + bytes.position());
            }
            return true;
        } catch (ClosedChannelException e) {
            return false;
        } catch (IOException e) {
            disk.failed(e);
            disk.remove(place.pack);
            place.pack.evict();
            return false;
        }
    }

    /** Lets readers have what was written, or takes it back where its object was dropped. */
    private void settle(Extent extent, Place place) {
        lock.lock();
        try {
            if (place(extent) == place) {
                place.written = true;
                return;
            }
        } finally {
            lock.unlock();
        }
        overwrite(extent, place);
    }

    /** Forgets a piece that is damaged. */
    void drop(Extent extent) {
        lock.lock();
        try {
            Place damaged = place(extent);
            if (damaged != null) {
                forget(extent, damaged.pack);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets an object's pieces; nothing of them is left on the disk when this returns. */
    void drop(ObjectId object) {
        Map<Extent, Place> dropped;
        lock.lock();
        try {
            dropped = objects.getOrDefault(object, Map.of());
            objects.remove(object);
            pieces -= dropped.size();
        } finally {
            lock.unlock();
        }
        dropped.forEach(this::overwrite);
    }

    private void overwrite(Extent extent, Place place) {
        writeAt(place, ByteBuffer.allocate(extent.lengthBytes()));
    }

    /** Removes every file. */
    void dropAll() {
        List<Pack> all;
        lock.lock();
        try {
            all = List.copyOf(packs);
        } finally {
            lock.unlock();
        }
        for (Pack pack : all) {
            disk.remove(pack);
            pack.evict();
        }
    }

    /** Under the lock. */
    private @Nullable Place place(Extent extent) {
        return objects.getOrDefault(extent.object(), Map.of()).get(extent);
    }

    /** Under the lock; a piece that has been written anew elsewhere stays. */
    private void forget(Extent extent, Pack pack) {
        Place place = place(extent);
        if (place != null && place.pack == pack) {
            Map<Extent, Place> known = objects.get(extent.object());
            known.remove(extent);
            pieces--;
            if (known.isEmpty()) {
                objects.remove(extent.object());
            }
        }
    }
}
