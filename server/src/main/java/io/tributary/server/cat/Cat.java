package io.tributary.server.cat;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.server.option.CatSettings;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.restore.StoredPartition;
import io.tributary.storage.restore.StoredShard;
import io.tributary.storage.restore.Survey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Writes a topic's records, partition after partition. One thread uses it; blocks. */
final class Cat {
    /** How often objects may give way to others while one partition is read. */
    private static final int MAX_MOVES = 5;

    private final ObjectStore store;
    private final Survey survey;
    private final CatSettings settings;
    private final RecordPrinter.Output output;
    private final Map<ShardId, StoredShard> shards = new HashMap<>();

    Cat(ObjectStore store, Survey survey, CatSettings settings, RecordPrinter.Output output) {
        this.store = store;
        this.survey = survey;
        this.settings = settings;
        this.output = output;
    }

    void run() throws IOException {
        CatTopic topic = CatTopic.find(store, survey, settings);
        boolean array = settings.format() == CatSettings.Format.JSON;
        write(array ? "[" : "");
        for (Map.Entry<PartitionId, ShardId> partition : topic.partitions().entrySet()) {
            read(partition.getKey(), partition.getValue());
        }
        write(array ? "]\n" : "");
        output.records().flush();
    }

    private void write(String text) throws IOException {
        output.records().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void read(PartitionId id, ShardId shard) throws IOException {
        StoredPartition partition = StoredPartition.of(store, shard(shard), id);
        RecordPrinter printer =
                new RecordPrinter(settings, id.index(), partition.startOffset(), output);
        for (int moves = 0; !printer.ended(); moves++) {
            try {
                partition.read(printer.next(), printer);
                return;
            } catch (ObjectStoreException e) {
                if (e.kind() != ObjectStoreException.Kind.MISSING || moves >= MAX_MOVES) {
                    throw e;
                }
                // A node that is alive put another object in its place.
                shards.remove(shard);
                partition = StoredPartition.of(store, shard(shard), id);
            }
        }
    }

    private StoredShard shard(ShardId id) throws IOException {
        StoredShard known = shards.get(id);
        if (known == null) {
            known = survey.shard(id);
            shards.put(id, known);
        }
        return known;
    }
}
