package io.tributary.server.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanFileTest {
    @TempDir Path folder;

    private static Plans plans(String... options) {
        return Options.read(List.of(options), name -> Optional.empty(), name -> Optional.empty())
                .limits()
                .plans();
    }

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("plans"), text);
    }

    @Test
    void plansSayWhatDiffersFromTheDefaultOne() throws Exception {
        Path file =
                file(
                        """
                        # who does not pay
                        free   produce_bytes_per_second=1MiB topics=10

                        large  produce_bytes_per_second=unlimited connections=0
                        """);
        Plans plans = plans("--plans", file.toString(), "--default-plan", "free");
        Quotas free = plans.byName().get("free");
        assertEquals(1 << 20, free.limit(Quota.PRODUCE_BYTES_PER_SECOND));
        assertEquals(10, free.count(Quota.TOPICS));
        assertEquals(20_000, free.count(Quota.PARTITIONS));
        Quotas large = plans.byName().get("large");
        assertEquals(Quotas.UNLIMITED, large.limit(Quota.PRODUCE_BYTES_PER_SECOND));
        assertEquals(0, large.limit(Quota.CONNECTIONS));
        assertEquals("free", plans.effective(Optional.empty()));
        assertEquals("free", plans.effective(Optional.of("gone")));
        assertEquals("large", plans.effective(Optional.of("large")));
    }

    @Test
    void withoutAFileThereIsAGenerousPlanWithTheOptionsCounts() {
        Plans plans = plans("--max-topics-per-tenant", "7");
        assertEquals(Map.of("default", plans.byName().get("default")), plans.byName());
        Quotas only = plans.byName().get("default");
        assertEquals(7, only.count(Quota.TOPICS));
        for (Quota quota : Quota.values()) {
            assertTrue(only.find(quota).isPresent(), quota.label());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "free topics|line 1: 'topics' is not quota=value",
                "free tpoics=1|line 1: there is no quota tpoics; there are produce_bytes",
                "free topics=1 topics=2|line 1: topics is given twice",
                "free topics=1MiB|line 1: topics is neither a whole number nor unlimited: 1MiB",
                "free topics=-1|line 1: topics is neither a whole number nor unlimited: -1",
                "free produce_bytes_per_second=fast|line 1: produce_bytes_per_second is not a size",
                "free requests_per_second=0|line 1: requests_per_second must be 1 to ",
                "Free topics=1|line 1: 'Free' is no name for a plan",
            })
    void whatCannotBeIsSaidWithItsLine(String text, String problem) throws Exception {
        Path file = file(text);
        String said =
                assertThrows(OptionException.class, () -> plans("--plans", file.toString()))
                        .getMessage();
        assertTrue(said.startsWith("Option --plans: " + file + ", " + problem), said);
    }

    @Test
    void planThatIsThereTwiceOrNotAtAllIsRefused() throws Exception {
        Path twice = file("a topics=1\n\na topics=2\n");
        assertTrue(
                assertThrows(OptionException.class, () -> plans("--plans", twice.toString()))
                        .getMessage()
                        .contains("line 3: plan a is there twice"));
        assertEquals(
                "Option --default-plan: there is no plan b; there are: default.",
                assertThrows(OptionException.class, () -> plans("--default-plan", "b"))
                        .getMessage());
        Path missing = folder.resolve("missing");
        assertTrue(
                assertThrows(OptionException.class, () -> plans("--plans", missing.toString()))
                        .getMessage()
                        .startsWith("Option --plans: " + missing + " cannot be read: "));
    }
}
