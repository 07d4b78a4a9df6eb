package io.tributary.bench.storage;

import io.tributary.bench.storage.LocalNode.Settings;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.object.DirectoryObjectStore;
import io.tributary.testkit.Earthquakes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Bytes stored for each byte of real events, by how they were produced. */
final class SampleData {
    private static final int[] RECORDS_A_REQUEST = {1, 10, 100};

    private final Figures figures;

    SampleData(Figures figures) {
        this.figures = figures;
    }

    void run(Path folder) throws IOException {
        figures.title(
                "Earthquake events, bytes in objects for each byte of their values",
                "records a request",
                "zstd from the start",
                "uncompressed, then tiered");
        for (int records : RECORDS_A_REQUEST) {
            figures.row(
                    Integer.toString(records),
                    ratio(folder.resolve("zstd-" + records), records, Codec.ZSTD),
                    ratio(folder.resolve("none-" + records), records, Codec.NONE));
        }
    }

    private static String ratio(Path folder, int perRequest, Codec codec) throws IOException {
        long produced = 0;
        try (LedgerStore ledgers =
                        new FileLedgerStore(
                                folder.resolve("ledgers"), Thread.ofPlatform().daemon().factory());
                LocalNode node =
                        new LocalNode(
                                folder,
                                ledgers,
                                new DirectoryObjectStore(folder.resolve("store")),
                                InstantSource.system(),
                                new Settings(1 << 30, Duration.ofDays(1), 0, codec))) {
            List<String> lines = Earthquakes.lines();
            for (int from = 0; from < lines.size(); from += perRequest) {
                List<NewRecord> records = new ArrayList<>();
                for (String line : lines.subList(from, Math.min(lines.size(), from + perRequest))) {
                    byte[] value = line.getBytes(StandardCharsets.UTF_8);
                    produced += value.length;
                    records.add(new NewRecord(NewRecord.NO_TIMESTAMP, null, value, List.of()));
                }
                node.append(0, records).get();
            }
            node.shards().flush();
            return String.format(
                    java.util.Locale.ROOT,
                    "%.3f",
                    (double) node.shards().stats().getFirst().counts().objectBytes() / produced);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }
}
