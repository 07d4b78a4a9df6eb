package io.tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A ledger file whose node is gone, read without changing it: every undamaged entry, also behind
 * damaged ones, and what is wrong with the rest. One thread uses it; blocks.
 */
public final class SurvivingLedger implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.ledger");
    private static final int WINDOW_BYTES = 1 << 20;

    private final Path file;
    private final long ledgerId;
    private final FileChannel channel;
    private final long size;
    private final NavigableMap<Long, Long> positions = new TreeMap<>();
    private final List<String> damage = new ArrayList<>();

    private SurvivingLedger(Path file, long ledgerId, FileChannel channel) throws IOException {
        this.file = file;
        this.ledgerId = ledgerId;
        this.channel = channel;
        this.size = channel.size();
    }

    /** Opens every ledger of a folder, in the order of their ids; the folder stays as it is. */
    public static List<SurvivingLedger> openAll(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(path -> NAME.matcher(name(path)).matches()).sorted().toList();
        }
        List<SurvivingLedger> opened = new ArrayList<>();
        boolean complete = false;
        try {
            for (Path file : files) {
                opened.add(open(file));
            }
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                for (SurvivingLedger ledger : opened) {
                    ledger.close();
                }
            }
        }
    }

    private static SurvivingLedger open(Path file) throws IOException {
        Matcher name = NAME.matcher(name(file));
        if (!name.matches()) {
            throw new IllegalArgumentException("not a ledger's file: " + file);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        SurvivingLedger ledger =
                new SurvivingLedger(file, HexFormat.fromHexDigitsToLong(name.group(1)), channel);
        boolean complete = false;
        try {
            ledger.scan();
            complete = true;
            return ledger;
        } finally {
            if (!complete) {
                channel.close();
            }
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    private void scan() throws IOException {
        if (size > 0 && !LedgerHeader.matches(bytes(0, LedgerHeader.BYTES), ledgerId)) {
            damage.add(say(0, "the header is not what was written"));
        }
        long at = LedgerHeader.BYTES;
        long expected = 0;
        while (at < size) {
            long next = nextFrame(at, expected);
            EntryFrame frame = next < size ? frame(next) : null;
            if (next > at || frame.number() > expected) {
                report(at, next, expected, frame);
            }
            if (frame == null || frame.length() == EntryFrame.END) {
                return;
            }
            positions.put(frame.number(), next);
            expected = frame.number() + 1;
            at = next + EntryFrame.BYTES + frame.payloadBytes();
        }
    }

    private void report(long from, long to, long expected, EntryFrame found) throws IOException {
        if (found != null) {
            damage.add(say(from, lost(expected, found.number())));
        } else if (!zeros(from, to)) {
            damage.add(
                    say(
                            from,
                            "the last "
                                    + (to - from)
                                    + " bytes are no whole entry: a write that was not finished,"
                                    + " or damage"));
        }
    }

    private static String lost(long from, long to) {
        return "entries " + from + " to " + (to - 1) + " are damaged";
    }

    private String say(long position, String what) {
        return String.format(Locale.ROOT, "%s at byte %d: %s", name(file), position, what);
    }

    private boolean zeros(long from, long to) throws IOException {
        for (long at = from; at < to; at += WINDOW_BYTES) {
            ByteBuffer window = bytes(at, (int) Math.min(WINDOW_BYTES, to - at));
            while (window.hasRemaining()) {
                if (window.get() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Where the first undamaged frame from here on begins; the size where there is none. */
    private long nextFrame(long at, long expected) throws IOException {
        EntryFrame here = frame(at);
        if (here != null && here.number() >= expected) {
            return at;
        }
        for (long from = at; from < size; from += WINDOW_BYTES - EntryFrame.BYTES + 1) {
            ByteBuffer window = bytes(from, (int) Math.min(WINDOW_BYTES, size - from));
            for (int i = 0; i + EntryFrame.BYTES <= window.limit(); i++) {
                EntryFrame frame = EntryFrame.read(window.slice(i, EntryFrame.BYTES));
                if (frame.plausible() && frame.number() >= expected && frame(from + i) != null) {
                    return from + i;
                }
            }
        }
        return size;
    }

    /** The frame at the position, or null where it or its entry is not whole. */
    private EntryFrame frame(long at) throws IOException {
        if (at + EntryFrame.BYTES > size) {
            return null;
        }
        EntryFrame frame = EntryFrame.read(bytes(at, EntryFrame.BYTES));
        if (!frame.plausible() || at + EntryFrame.BYTES + frame.payloadBytes() > size) {
            return null;
        }
        ByteBuffer entry = bytes(at + EntryFrame.BYTES, frame.payloadBytes());
        return frame.matches(ledgerId, entry) ? frame : null;
    }

    private ByteBuffer bytes(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {
            // Reads on.
        }
        return bytes.flip();
    }

    public long ledgerId() {
        return ledgerId;
    }

    /** The numbers of the entries that can be read, rising. */
    public Iterable<Long> entries() {
        return positions.keySet();
    }

    public boolean has(long entry) {
        return positions.containsKey(entry);
    }

    /** Reads an entry that it {@link #has}; the bytes belong to the caller. */
    public ByteBuffer read(long entry) throws IOException {
        long at = positions.get(entry);
        EntryFrame frame = frame(at);
        if (frame == null) {
            throw FileLedger.damaged(file, at, "entry " + entry + " changed while it was read");
        }
        return bytes(at + EntryFrame.BYTES, frame.payloadBytes());
    }

    /**
     * Reads some bytes of an entry that it {@link #has}; they were undamaged when the file was
     * opened and are not checked again.
     */
    public ByteBuffer read(long entry, int position, int length) throws IOException {
        return bytes(positions.get(entry) + EntryFrame.BYTES + position, length);
    }

    /** What is wrong with the file, for people; none for one that is whole. */
    public List<String> damage() {
        return List.copyOf(damage);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
