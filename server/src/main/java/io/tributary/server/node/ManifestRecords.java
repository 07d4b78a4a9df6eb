package io.tributary.server.node;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.ShardManifest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Shard manifests among the metadata's records. */
public final class ManifestRecords implements ManifestStore {
    private static final String ROOT = "/shards";

    private final VersionedRecords records;

    /** Over these records, whose root is made where it is missing. */
    public ManifestRecords(VersionedRecords records) throws IOException {
        this.records = records;
        if (records.read(ROOT).isEmpty()) {
            records.apply(List.of(new Change.Create(ROOT, new byte[0])));
        }
    }

    @Override
    public List<ShardId> list() throws IOException {
        return records.children(ROOT).stream()
                .map(name -> new ShardId(Integer.parseInt(name)))
                .sorted()
                .toList();
    }

    @Override
    public Optional<Stored> read(ShardId shard) throws IOException {
        Optional<VersionedRecord> record = records.read(path(shard));
        try {
            return record.map(r -> new Stored(ShardManifest.read(r.value()), r.version()));
        } catch (MalformedBytesException e) {
            throw new CorruptDataException(
                    "metadata record " + path(shard), 0, e.getMessage(), "Restore the metadata.");
        }
    }

    @Override
    public boolean create(ShardId shard, ShardManifest manifest) throws IOException {
        return records.apply(List.of(new Change.Create(path(shard), manifest.toBytes())));
    }

    @Override
    public boolean replace(ShardId shard, ShardManifest manifest, int version) throws IOException {
        return records.apply(List.of(new Change.Replace(path(shard), manifest.toBytes(), version)));
    }

    private static String path(ShardId shard) {
        return ROOT + "/" + shard;
    }
}
