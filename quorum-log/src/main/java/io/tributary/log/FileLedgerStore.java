package io.tributary.log;

import io.tributary.log.LedgerFiles.LedgerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Ledgers as files of one folder on a local disk, synced before they are acknowledged; for a
 * service on one machine. The folder is this store's alone.
 */
public final class FileLedgerStore implements LedgerStore {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.ledger");

    private final Path directory;
    private final LedgerFiles files;
    private final ThreadFactory threads;
    private final LedgerIds ids;
    private final Map<Long, FileLedgerWriter> writers = new HashMap<>();

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
        ids = new LedgerIds(directory.resolve("next-id"), files);
    }

    @Override
    public synchronized LedgerWriter create() throws IOException {
        long id = ids.next();
        Path file = file(id);
        LedgerChannel channel = files.create(file);
        try {
            channel.write(LedgerHeader.write(id), 0);
            channel.force();
            files.syncDirectory(directory);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        EntryPositions positions = new EntryPositions();
        FileLedgerWriter writer =
                new FileLedgerWriter(
                        new FileLedger(file, id, channel, positions), channel, positions, threads);
        writers.put(id, writer);
        return writer;
    }

    @Override
    public synchronized LedgerReader openAndFence(long ledgerId) throws IOException {
        FileLedgerWriter writer = writers.remove(ledgerId);
        Optional<LedgerScan.Found> acknowledged =
                writer == null ? Optional.empty() : Optional.of(writer.fence());
        Path file = file(ledgerId);
        LedgerChannel channel;
        try {
            channel = files.open(file);
        } catch (NoSuchFileException e) {
            throw new LedgerMissingException(ledgerId, directory.toString());
        }
        try {
            LedgerScan.Found found =
                    acknowledged.isPresent()
                            ? acknowledged.get()
                            : new LedgerScan(file, ledgerId, channel).run();
            return ended(file, ledgerId, channel, found);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Makes the answer to what is there final: what follows the last entry, written and not synced
     * or torn, is cut off, the rest is synced, and a last frame closes the ledger.
     */
    private static FileLedger ended(
            Path file, long ledgerId, LedgerChannel channel, LedgerScan.Found found)
            throws IOException {
        long endBytes = found.endBytes();
        if (!found.closed()) {
            if (endBytes == 0) {
                channel.write(LedgerHeader.write(ledgerId), 0);
                endBytes = LedgerHeader.BYTES;
            }
            channel.truncate(endBytes);
            ByteBuffer end = ByteBuffer.allocate(EntryFrame.BYTES);
            EntryFrame.end(ledgerId, found.entries()).write(end);
            channel.write(end.flip(), endBytes);
            channel.force();
        }
        FileLedger ledger = new FileLedger(file, ledgerId, channel, found.positions());
        ledger.durable(found.entries(), endBytes);
        return ledger;
    }

    @Override
    public synchronized void delete(long ledgerId) throws IOException {
        FileLedgerWriter writer = writers.remove(ledgerId);
        if (writer != null) {
            writer.fence();
            writer.close();
        }
        if (Files.deleteIfExists(file(ledgerId))) {
            files.syncDirectory(directory);
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
    public synchronized void close() throws IOException {
        for (FileLedgerWriter writer : writers.values()) {
            writer.close();
        }
        writers.clear();
    }

    private Path file(long ledgerId) {
        return directory.resolve(String.format(Locale.ROOT, "%016x.ledger", ledgerId));
    }
}
