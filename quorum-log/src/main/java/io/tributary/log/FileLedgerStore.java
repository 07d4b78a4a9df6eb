package io.tributary.log;

import io.tributary.kernel.fault.StorageFullException;
import io.tributary.log.LedgerFiles.LedgerChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ledgers as files of one folder on a local disk, synced before they are acknowledged; for a
 * service on one machine. The folder is this store's alone.
 */
public final class FileLedgerStore implements LedgerStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileLedgerStore.class);
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.ledger");

    private final Path directory;
    private final LedgerFiles files;
    private final ThreadFactory threads;
    private final LedgerIds ids;
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<Long, FileLedgerWriter> writers = new TreeMap<>();

    /** Fenced ledgers whose files do not say yet where they end. */
    private final Map<Long, LedgerEnd> unsealed = new TreeMap<>();

    /**
     * Opens or makes the folder.
     *
     * @param threads makes the one thread each ledger that is written has
     */
    public FileLedgerStore(Path directory, ThreadFactory threads) throws IOException {
        this(directory, LedgerFiles.system(), threads);
    }

    FileLedgerStore(Path directory, LedgerFiles files, ThreadFactory threads) throws IOException {
        this.directory = directory;
        this.files = files;
        this.threads = threads;
        Files.createDirectories(directory);
        files.syncDirectory(directory.toAbsolutePath().getParent());
        List<Long> present = list();
        ids =
                new LedgerIds(
                        directory.resolve("next-id"),
                        files,
                        present.isEmpty() ? 0 : present.getLast() + 1);
    }

    @Override
    public LedgerWriter create() throws IOException {
        changing.lock();
        try {
            sealAll();
            long id = ids.next();
            FileLedgerWriter writer = newWriter(id);
            writers.put(id, writer);
            return writer;
        } finally {
            changing.unlock();
        }
    }

    /**
     * What follows a ledger may be written only when its end is durable: else a crash could show
     * entries in it that its readers never saw.
     */
    private void sealAll() throws IOException {
        for (Map.Entry<Long, LedgerEnd> ledger : List.copyOf(unsealed.entrySet())) {
            Path file = file(ledger.getKey());
            try (LedgerChannel channel = files.open(file)) {
                if (!ledger.getValue().seal(ledger.getKey(), channel)) {
                    throw new StorageFullException("no room to close ledger file " + file, null);
                }
            }
            unsealed.remove(ledger.getKey());
        }
    }

    private FileLedgerWriter newWriter(long id) throws IOException {
        Path file = file(id);
        LedgerChannel channel = files.create(file);
        boolean complete = false;
        try {
            channel.write(LedgerHeader.write(id), 0);
            channel.force();
            files.syncDirectory(directory);
            EntryPositions positions = new EntryPositions();
            FileLedger ledger = new FileLedger(file, id, channel, positions);
            FileLedgerWriter writer = new FileLedgerWriter(ledger, channel, positions, threads);
            complete = true;
            return writer;
        } finally {
            if (!complete) {
                discard(channel, file);
            }
        }
    }

    /**
     * Removes a half-made ledger, which no manifest names: where that fails, a start removes it.
     */
    private void discard(LedgerChannel channel, Path file) {
        try (channel) {
            files.delete(file);
        } catch (IOException e) {
            LOG.warn("a half-made ledger file stays for now file={}", file, e);
        }
    }

    @Override
    public LedgerReader openAndFence(long ledgerId) throws IOException {
        changing.lock();
        try {
            Path file = file(ledgerId);
            LedgerChannel channel;
            try {
                channel = files.open(file);
            } catch (NoSuchFileException e) {
                throw new LedgerMissingException(ledgerId, directory.toString());
            }
            boolean complete = false;
            try {
                LedgerEnd end = end(ledgerId, file, channel);
                FileLedger ledger = new FileLedger(file, ledgerId, channel, end.positions());
                ledger.durable(end.entries(), Math.max(end.endBytes(), LedgerHeader.BYTES));
                complete = true;
                return ledger;
            } finally {
                if (!complete) {
                    channel.close();
                }
            }
        } finally {
            changing.unlock();
        }
    }

    /**
     * Finds the ledger's end and makes it durable. Where this process knows the end, readers need
     * not wait for that: the answer is kept until the file says it, too.
     */
    private LedgerEnd end(long ledgerId, Path file, LedgerChannel channel) throws IOException {
        FileLedgerWriter writer = writers.remove(ledgerId);
        if (writer != null) {
            unsealed.put(ledgerId, writer.fence());
        }
        LedgerEnd known = unsealed.get(ledgerId);
        if (known == null) {
            LedgerEnd found = new LedgerScan(file, ledgerId, channel).run();
            if (!found.closed() && !found.seal(ledgerId, channel)) {
                unsealed.put(ledgerId, found);
            }
            return found;
        }
        try {
            if (known.seal(ledgerId, channel)) {
                unsealed.remove(ledgerId);
            }
        } catch (IOException e) {
            LOG.warn(
                    "the ledger is readable, but its end cannot be made durable yet ledger={}"
                            + " file={}",
                    ledgerId,
                    file,
                    e);
        }
        return known;
    }

    @Override
    public void delete(long ledgerId) throws IOException {
        changing.lock();
        try {
            FileLedgerWriter writer = writers.remove(ledgerId);
            if (writer != null) {
                writer.fence();
                writer.close();
            }
            unsealed.remove(ledgerId);
            if (Files.exists(file(ledgerId))) {
                files.delete(file(ledgerId));
                files.syncDirectory(directory);
            }
        } finally {
            changing.unlock();
        }
    }

    @Override
    public List<Long> list() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> NAME.matcher(path.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> HexFormat.fromHexDigitsToLong(name.group(1)))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() throws IOException {
        changing.lock();
        try {
            for (FileLedgerWriter writer : writers.values()) {
                writer.close();
            }
            writers.clear();
        } finally {
            changing.unlock();
        }
    }

    private Path file(long ledgerId) {
        return directory.resolve(String.format(Locale.ROOT, "%016x.ledger", ledgerId));
    }
}
