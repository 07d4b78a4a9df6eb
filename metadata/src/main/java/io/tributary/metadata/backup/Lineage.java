package io.tributary.metadata.backup;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Whose metadata this is: which restore it comes from, and which life it has had since. Of all who
 * write into one object store, only the newest generation may go on.
 *
 * @param generation 1 at first, one more with every restore
 * @param life differs between two that call themselves the same generation
 */
public record Lineage(long generation, UUID life) {
    private static final String PATH = "/lineage";

    /** What the records say; empty for records that are new. */
    public static Optional<Lineage> read(VersionedRecords records) throws IOException {
        Optional<VersionedRecord> record = records.read(PATH);
        return record.isEmpty() ? Optional.empty() : Optional.of(parse(record.get().value()));
    }

    private static Lineage parse(byte[] value) throws IOException {
        String[] parts = new String(value, StandardCharsets.UTF_8).split(" ", 2);
        try {
            return new Lineage(Long.parseLong(parts[0]), UUID.fromString(parts[parts.length - 1]));
        } catch (IllegalArgumentException e) {
            throw new IOException("metadata record " + PATH + " is damaged", e);
        }
    }

    /** Writes it into new records. */
    public void create(VersionedRecords records) throws IOException {
        byte[] value = (generation + " " + life).getBytes(StandardCharsets.UTF_8);
        if (!records.apply(List.of(new Change.Create(PATH, value)))) {
            throw new IOException("metadata record " + PATH + " is there already");
        }
    }

    /** Whether a backup was written by another who has the same right to the store, or a newer. */
    public boolean supersededBy(BackupName other) {
        return other.generation() >= generation && !other.life().equals(life);
    }
}
