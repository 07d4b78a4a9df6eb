package io.tributary.server.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TierOptionsTest {
    private static NodeSettings read(String... arguments) {
        return Options.read(List.of(arguments), name -> Optional.empty(), name -> Optional.empty());
    }

    @Test
    void defaultsMergeCompressAndCostWhatAwsAsks() {
        NodeSettings settings = read();
        assertEquals(new NodeSettings.Tier(1, 8, Duration.ofHours(6)), settings.storage().tier());
        assertEquals(new NodeSettings.Prices(0.005, 0.0004, 0.023, 0), settings.prices());
    }

    @Test
    void everyOptionReachesItsSetting() {
        NodeSettings settings =
                read(
                        "--tier-zstd-level=0",
                        "--merge-objects=0",
                        "--merge-age=90s",
                        "--price-put-per-1000=1",
                        "--price-get-per-1000=2.5",
                        "--price-gb-month=3",
                        "--price-egress-gb=0.09");
        assertEquals(
                new NodeSettings.Tier(0, 0, Duration.ofSeconds(90)), settings.storage().tier());
        assertEquals(new NodeSettings.Prices(1, 2.5, 3, 0.09), settings.prices());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--tier-zstd-level=23",
                "--merge-objects=1",
                "--merge-objects=65",
                "--merge-age=0s",
                "--price-gb-month=-1",
                "--price-gb-month=free"
            })
    void whatCannotBeIsRefusedByName(String argument) {
        OptionException problem = assertThrows(OptionException.class, () -> read(argument));
        assertTrue(problem.getMessage().contains(argument.substring(0, argument.indexOf('='))));
    }
}
