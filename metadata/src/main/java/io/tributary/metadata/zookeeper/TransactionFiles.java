package io.tributary.metadata.zookeeper;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.persistence.Util;

/**
 * The files of an embedded ZooKeeper: logs of changes, which hold every value ever written, and
 * snapshots of the tree. Only what the newest whole snapshot covers is ever removed. Used by one
 * thread at a time; blocks.
 */
final class TransactionFiles {
    private static final String SNAPSHOT = "snapshot";
    private static final String CHANGES = "log";

    private final FileTxnSnapLog files;

    TransactionFiles(FileTxnSnapLog files) {
        this.files = files;
    }

    /** All log files there are now. */
    List<File> logs() throws IOException {
        return list(files.getDataLogDir(), Util::isLogFileName);
    }

    /** The last change that is surely in a snapshot. */
    static long zxid(File snapshot) {
        return Util.getZxidFromName(snapshot.getName(), SNAPSHOT);
    }

    /**
     * Removes what the newest whole snapshot covers.
     *
     * @param closedLogs log files that nobody writes to any more
     */
    void remove(List<File> closedLogs) throws IOException {
        List<File> newest = files.findNValidSnapshots(1);
        if (newest.isEmpty()) {
            return;
        }
        long covered = zxid(newest.getFirst());
        for (File file : closedLogs) {
            if (endsBy(file, covered)) {
                delete(file);
            }
        }
        for (File file : list(files.getSnapDir(), Util::isSnapshotFileName)) {
            if (zxid(file) < covered) {
                delete(file);
            }
        }
    }

    /** Whether a log file's changes all come before the next file's, or the last of all. */
    private boolean endsBy(File file, long covered) throws IOException {
        OptionalLong next =
                logs().stream()
                        .mapToLong(other -> Util.getZxidFromName(other.getName(), CHANGES))
                        .filter(begin -> begin > Util.getZxidFromName(file.getName(), CHANGES))
                        .min();
        return next.isPresent()
                ? next.getAsLong() <= covered + 1
                : files.getLastLoggedZxid() <= covered;
    }

    private static List<File> list(File folder, Predicate<String> names) throws IOException {
        File[] found = folder.listFiles((in, name) -> names.test(name));
        if (found == null) {
            throw new IOException(folder + " cannot be listed");
        }
        return List.of(found);
    }

    private static void delete(File file) throws IOException {
        if (!file.delete() && file.exists()) {
            throw new IOException(file + " cannot be removed");
        }
    }
}
