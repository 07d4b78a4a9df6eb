package io.tributary.server.backup;

import io.tributary.metadata.backup.Lineage;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.server.backup.StoredBackups.Listed;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Where lineages begin. */
public final class Lineages {
    private Lineages() {}

    /** The lineage of these records; new records begin one. */
    public static Lineage of(VersionedRecords records, RandomGenerator random) throws IOException {
        Optional<Lineage> known = Lineage.read(records);
        if (known.isPresent()) {
            return known.get();
        }
        Lineage first = new Lineage(1, new UUID(random.nextLong(), random.nextLong()));
        first.create(records);
        return first;
    }

    /** The lineage that a restore from these backups begins. */
    public static Lineage next(List<Listed> backups, RandomGenerator random) {
        long newest = backups.stream().mapToLong(b -> b.name().generation()).max().orElse(0);
        return new Lineage(newest + 1, new UUID(random.nextLong(), random.nextLong()));
    }
}
