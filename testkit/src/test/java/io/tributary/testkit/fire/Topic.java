package io.tributary.testkit.fire;

import io.tributary.testkit.fire.History.Partition;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * A topic under load.
 *
 * @param retentionMillis how long it keeps every record at least; empty where age does not matter
 * @param expires whether it ever lets go of a record
 */
record Topic(
        String name,
        int partitionCount,
        Map<String, String> configs,
        OptionalLong retentionMillis,
        boolean expires) {
    static Topic kept(String name, int partitions) {
        return new Topic(
                name, partitions, Map.of("retention.ms", "-1"), OptionalLong.empty(), false);
    }

    static Topic keptFor(String name, long millis) {
        return new Topic(
                name,
                1,
                Map.of("retention.ms", Long.toString(millis)),
                OptionalLong.of(millis),
                true);
    }

    static Topic bounded(String name, long bytes) {
        return new Topic(
                name,
                1,
                Map.of("retention.ms", "-1", "retention.bytes", Long.toString(bytes)),
                OptionalLong.empty(),
                true);
    }

    List<Partition> partitions() {
        return IntStream.range(0, partitionCount).mapToObj(i -> new Partition(name, i)).toList();
    }
}
