package io.tributary.log;

import io.tributary.kernel.fault.StorageFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Real files that fail when told, have as much room as they are given, and lose what was not synced
 * when the power goes: what a failed sync left counts as written and never reaches the disk.
 */
final class FaultyFiles implements LedgerFiles {
    enum Call {
        CREATE,
        WRITE,
        FORCE,
        TRUNCATE,
        SYNC_DIRECTORY
    }

    /** A change that waits for a sync; a write where {@code to} is beyond {@code from}. */
    private record Change(long from, long to) {}

    private static final class Disk {
        private byte[] synced = {};
        private final List<Change> waiting = new ArrayList<>();
    }

    private final LedgerFiles real = LedgerFiles.system();
    private final Map<Call, String> failing = new TreeMap<>();
    private final Map<Path, Disk> disks = new TreeMap<>();
    private long roomBytes = Long.MAX_VALUE;
    private int syncs;
    private int openChannels;

    synchronized void fail(Call call) {
        failing.put(call, "Input/output error");
    }

    synchronized void heal() {
        failing.clear();
        roomBytes = Long.MAX_VALUE;
    }

    /** Files may grow by so much from now on. */
    synchronized void room(long bytes) {
        roomBytes = bytes;
    }

    synchronized int syncs() {
        return syncs;
    }

    synchronized int openChannels() {
        return openChannels;
    }

    /** Leaves of every file what its disk has. */
    synchronized void cutPower() throws IOException {
        for (Map.Entry<Path, Disk> file : disks.entrySet()) {
            file.getValue().waiting.clear();
            if (Files.exists(file.getKey())) {
                Files.write(file.getKey(), file.getValue().synced);
            }
        }
    }

    private void mayFail(Call call) throws IOException {
        if (failing.containsKey(call)) {
            throw new IOException(failing.get(call));
        }
    }

    @Override
    public synchronized LedgerChannel create(Path file) throws IOException {
        mayFail(Call.CREATE);
        if (roomBytes <= 0) {
            throw new StorageFullException("No space left on device", null);
        }
        disks.put(file, new Disk());
        return new Channel(file, real.create(file));
    }

    @Override
    public synchronized LedgerChannel open(Path file) throws IOException {
        return new Channel(file, real.open(file));
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        mayFail(Call.SYNC_DIRECTORY);
    }

    @Override
    public void delete(Path file) throws IOException {
        real.delete(file);
    }

    private final class Channel implements LedgerChannel {
        private final Path file;
        private final LedgerChannel channel;

        Channel(Path file, LedgerChannel channel) {
            this.file = file;
            this.channel = channel;
            openChannels++;
        }

        private Disk disk() {
            return disks.computeIfAbsent(file, f -> new Disk());
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            synchronized (FaultyFiles.this) {
                mayFail(Call.WRITE);
                long grows = Math.max(0, position + bytes.remaining() - channel.size());
                long fits = bytes.remaining() - Math.max(0, grows - roomBytes);
                disk().waiting.add(new Change(position, position + Math.max(0, fits)));
                roomBytes -= Math.min(roomBytes, grows);
                if (fits < bytes.remaining()) {
                    channel.write(bytes.slice(bytes.position(), (int) Math.max(0, fits)), position);
                    throw new StorageFullException("No space left on device", null);
                }
                channel.write(bytes, position);
            }
        }

        @Override
        public void read(ByteBuffer bytes, long position) throws IOException {
            channel.read(bytes, position);
        }

        @Override
        public void force() throws IOException {
            synchronized (FaultyFiles.this) {
                syncs++;
                try {
                    mayFail(Call.FORCE);
                } catch (IOException e) {
                    disk().waiting.removeIf(change -> change.to() > change.from());
                    throw e;
                }
                for (Change change : disk().waiting) {
                    apply(change);
                }
                disk().waiting.clear();
            }
        }

        private void apply(Change change) throws IOException {
            Disk disk = disk();
            if (change.to() <= change.from()) {
                disk.synced =
                        Arrays.copyOf(
                                disk.synced, (int) Math.min(disk.synced.length, change.from()));
                return;
            }
            ByteBuffer now = ByteBuffer.allocate((int) (change.to() - change.from()));
            channel.read(now, change.from());
            now.flip();
            int end = (int) change.from() + now.remaining();
            disk.synced = Arrays.copyOf(disk.synced, Math.max(disk.synced.length, end));
            now.get(disk.synced, (int) change.from(), now.remaining());
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyFiles.this) {
                mayFail(Call.TRUNCATE);
                long freed = Math.max(0, channel.size() - size);
                roomBytes = roomBytes == Long.MAX_VALUE ? roomBytes : roomBytes + freed;
                disk().waiting.add(new Change(size, size));
                channel.truncate(size);
            }
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            synchronized (FaultyFiles.this) {
                openChannels--;
            }
            channel.close();
        }
    }
}
