package io.tributary.storage.compaction;

import io.tributary.kernel.id.PartitionId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The newest offset of every key of some partitions, in bounded memory: 16 bytes of the key's hash
 * and 8 of the offset each, in open addressing. The hash is half of a SHA-256, so that nobody makes
 * keys that meet. It grows as it fills, and takes half of its bound again while it does. Not
 * thread-safe.
 */
public final class KeyMap {
    private static final int SLOT_LONGS = 3;
    private static final int SLOT_BYTES = SLOT_LONGS * Long.BYTES;
    private static final int FIRST_SLOTS = 1 << 10;
    private static final int ID_BYTES = 20;

    /** What is free of the slots at least, so that looking up stays short. */
    private static final double FREE = 0.25;

    private final int maxSlots;
    private final MessageDigest sha = sha();
    private final ByteBuffer id = ByteBuffer.allocate(ID_BYTES);
    private final ByteBuffer hash = ByteBuffer.allocate(32);

    /** Two longs of hash and one more than the offset, each; 0 there is a free slot. */
    private long[] table;

    private int slots;
    private int size;

    /**
     * Begins empty.
     *
     * @param budgetBytes what the slots take at most; at least 1 KiB
     */
    public KeyMap(long budgetBytes) {
        maxSlots = Integer.highestOneBit((int) Math.min(budgetBytes / SLOT_BYTES, 1 << 26));
        slots = Math.min(FIRST_SLOTS, maxSlots);
        table = new long[slots * SLOT_LONGS];
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }

    /** How many keys there are. */
    public int size() {
        return size;
    }

    /** The following keys are of this partition. */
    public void begin(PartitionId partition) {
        UUID topic = partition.topic().value();
        id.putLong(0, topic.getMostSignificantBits());
        id.putLong(8, topic.getLeastSignificantBits());
        id.putInt(16, partition.index());
    }

    /** What became of an offset. */
    public enum Put {
        /** The key was not known. */
        NEW,
        /** The key was known. */
        KNOWN,
        /** There is no room for another key: nothing changed. */
        FULL
    }

    /** Notes an offset of a key; of several the largest stays. */
    public Put put(ByteBuffer key, long offset) {
        hash(key);
        int at = find();
        if (table[at + 2] != 0) {
            table[at + 2] = Math.max(table[at + 2], offset + 1);
            return Put.KNOWN;
        }
        if (size >= slots * (1 - FREE)) {
            if (slots >= maxSlots) {
                return Put.FULL;
            }
            grow();
            at = find();
        }
        table[at] = hash.getLong(0);
        table[at + 1] = hash.getLong(8);
        table[at + 2] = offset + 1;
        size++;
        return Put.NEW;
    }

    /** The key's newest offset; -1 for a key that was not noted. */
    public long newest(ByteBuffer key) {
        hash(key);
        return table[find() + 2] - 1;
    }

    private void hash(ByteBuffer key) {
        sha.update(id.array());
        sha.update(key.duplicate());
        try {
            sha.digest(hash.array(), 0, hash.capacity());
        } catch (java.security.DigestException e) {
            throw new IllegalStateException("the room is the digest's", e);
        }
    }

    /** Where the hash is, or would be. */
    private int find() {
        return find(table, slots, hash.getLong(0), hash.getLong(8));
    }

    private static int find(long[] table, int slots, long high, long low) {
        int slot = (int) high & (slots - 1);
        while (true) {
            int at = slot * SLOT_LONGS;
            if (table[at + 2] == 0 || (table[at] == high && table[at + 1] == low)) {
                return at;
            }
            slot = (slot + 1) & (slots - 1);
        }
    }

    private void grow() {
        int more = slots * 2;
        long[] larger = new long[more * SLOT_LONGS];
        for (int from = 0; from < table.length; from += SLOT_LONGS) {
            if (table[from + 2] != 0) {
                int to = find(larger, more, table[from], table[from + 1]);
                System.arraycopy(table, from, larger, to, SLOT_LONGS);
            }
        }
        table = larger;
        slots = more;
    }
}
