package io.tributary.storage.log;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a shard's truth begins: who owns it under which epoch, its snapshot, and the ledgers of its
 * log. Written when the owner, the list of ledgers or the snapshot changes, never for an append.
 *
 * @param epoch grows by one with every owner
 * @param owner names the owner for people
 * @param ledgers ids in the order of the log
 * @param snapshot the state the replay begins from; empty for an empty state at the first ledger
 */
public record ShardManifest(
        long epoch, String owner, List<Long> ledgers, Optional<SnapshotRef> snapshot) {
    private static final int VERSION = 1;

    /**
     * A snapshot in the object store.
     *
     * @param sizeBytes of the object
     * @param crc32c of the whole object
     * @param replayFrom the first entry the snapshot does not cover
     */
    public record SnapshotRef(String key, int sizeBytes, int crc32c, LogPosition replayFrom) {}

    public ShardManifest {
        ledgers = List.copyOf(ledgers);
    }

    public ShardManifest withOwner(long newEpoch, String newOwner) {
        return new ShardManifest(newEpoch, newOwner, ledgers, snapshot);
    }

    /** The ledger comes last, unless it is there already. */
    public ShardManifest withLedger(long ledgerId) {
        if (ledgers.contains(ledgerId)) {
            return this;
        }
        List<Long> more = new ArrayList<>(ledgers);
        more.add(ledgerId);
        return new ShardManifest(epoch, owner, more, snapshot);
    }

    public ShardManifest withSnapshot(SnapshotRef newSnapshot, List<Long> keptLedgers) {
        return new ShardManifest(epoch, owner, keptLedgers, Optional.of(newSnapshot));
    }

    public byte[] toBytes() {
        BinaryWriter out = new BinaryWriter(256);
        out.u8(VERSION).i64(epoch).string(owner).i32(ledgers.size());
        ledgers.forEach(out::i64);
        out.u8(snapshot.isPresent() ? 1 : 0);
        snapshot.ifPresent(
                ref -> {
                    out.string(ref.key()).i32(ref.sizeBytes()).i32(ref.crc32c());
                    ref.replayFrom().write(out);
                });
        return out.i32(out.crc32c(0, out.size())).toBytes();
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws MalformedBytesException it is damaged, or of another version
     */
    public static ShardManifest read(byte[] bytes) {
        if (bytes.length < 4) {
            throw new MalformedBytesException("manifest of " + bytes.length + " bytes");
        }
        BinaryReader in = new BinaryReader(ByteBuffer.wrap(bytes));
        BinaryWriter check = new BinaryWriter(bytes.length).raw(bytes);
        if (ByteBuffer.wrap(bytes).getInt(bytes.length - 4) != check.crc32c(0, bytes.length - 4)) {
            throw new MalformedBytesException("manifest checksum does not match");
        }
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedBytesException(
                    "manifest version " + version + ", this release reads " + VERSION);
        }
        long epoch = in.i64();
        String owner = in.string();
        int count = in.count(8);
        List<Long> ledgers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ledgers.add(in.i64());
        }
        Optional<SnapshotRef> snapshot =
                in.u8() == 0
                        ? Optional.empty()
                        : Optional.of(
                                new SnapshotRef(
                                        in.string(), in.i32(), in.i32(), LogPosition.read(in)));
        return new ShardManifest(epoch, owner, ledgers, snapshot);
    }
}
