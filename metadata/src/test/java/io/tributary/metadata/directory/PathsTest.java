package io.tributary.metadata.directory;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.TenantId;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PathsTest {
    private static final TenantId ACME = new TenantId("t-acmeacmeacmeacme");

    @Test
    void namesThatDifferLittleAreSpreadOverFoldersOfBoundedSize() {
        for (String form : new String[] {"t%d", "orders.%08d.events", "%d"}) {
            Map<String, Long> sizes =
                    IntStream.range(0, 1_000_000)
                            .mapToObj(i -> Paths.parent(Paths.topic(ACME, form.formatted(i))))
                            .collect(
                                    Collectors.groupingBy(
                                            Function.identity(), Collectors.counting()));
            long largest = sizes.values().stream().mapToLong(Long::longValue).max().orElseThrow();
            assertTrue(largest < 8_000, form + " gives a folder of " + largest);
        }
    }

    @Test
    void onlyATopicsOwnPathIsATopics() {
        String path = Paths.topic(ACME, "orders");
        assertTrue(Paths.isTopic(path));
        assertFalse(Paths.isTopic(Paths.parent(path)));
        assertFalse(Paths.isTopic(Paths.topics(ACME)));
        assertTrue(Paths.isFolder(Paths.parent(path)));
        assertFalse(Paths.isFolder(Paths.topics(ACME)));
    }
}
