package io.tributary.server.node;

import io.tributary.storage.disk.DiskReserve;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The disk that a node's data lies on; where that is several, the one with the least room. */
final class DataDisk implements DiskReserve.Disk {
    private final List<FileStore> disks;

    private DataDisk(List<FileStore> disks) {
        this.disks = disks;
    }

    /** The disk, or disks, of these folders, which are there. */
    static DataDisk of(Path... folders) throws IOException {
        List<FileStore> disks = new ArrayList<>();
        for (Path folder : folders) {
            FileStore disk = Files.getFileStore(folder);
            if (!disks.contains(disk)) {
                disks.add(disk);
            }
        }
        return new DataDisk(disks);
    }

    @Override
    public long usableBytes() throws IOException {
        long least = Long.MAX_VALUE;
        for (FileStore disk : disks) {
            least = Math.min(least, disk.getUsableSpace());
        }
        return least;
    }
}
