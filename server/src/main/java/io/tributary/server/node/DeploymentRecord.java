package io.tributary.server.node;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.storage.object.Claimant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Which deployment the metadata belongs to: {@code 1 <id> new}, or {@code 1 <id> claimed} once its
 * object store carries the id. Made at the first start, before anything is stored.
 */
final class DeploymentRecord implements Claimant {
    private static final String PATH = "/deployment";
    private static final String VERSION = "1";
    private static final String NEW = "new";
    private static final String CLAIMED = "claimed";

    private final VersionedRecords records;
    private final UUID id;
    private volatile boolean claimed;

    private DeploymentRecord(VersionedRecords records, UUID id, boolean claimed) {
        this.records = records;
        this.id = id;
        this.claimed = claimed;
    }

    /** Reads it, making it where there is none. */
    static DeploymentRecord open(VersionedRecords records, RandomGenerator random)
            throws IOException {
        if (records.read(PATH).isEmpty()) {
            UUID made = new UUID(random.nextLong(), random.nextLong());
            records.apply(List.of(new Change.Create(PATH, text(made, NEW))));
        }
        VersionedRecord record = read(records);
        String text = new String(record.value(), StandardCharsets.US_ASCII);
        String[] parts = text.split(" ", -1);
        if (parts.length != 3
                || !parts[0].equals(VERSION)
                || !List.of(NEW, CLAIMED).contains(parts[2])) {
            throw new IOException(
                    "metadata record " + PATH + " is not one this release reads: " + text);
        }
        return new DeploymentRecord(records, UUID.fromString(parts[1]), parts[2].equals(CLAIMED));
    }

    private static VersionedRecord read(VersionedRecords records) throws IOException {
        Optional<VersionedRecord> record = records.read(PATH);
        return record.orElseThrow(() -> new IOException("metadata record " + PATH + " is gone"));
    }

    private static byte[] text(UUID id, String state) {
        return (VERSION + " " + id + " " + state).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public boolean hasClaimed() {
        return claimed;
    }

    @Override
    public void claimed() throws IOException {
        int version = read(records).version();
        if (!records.apply(List.of(new Change.Replace(PATH, text(id, CLAIMED), version)))) {
            throw new IOException("metadata record " + PATH + " changed meanwhile");
        }
        claimed = true;
    }
}
