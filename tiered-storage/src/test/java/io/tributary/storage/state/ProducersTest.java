package io.tributary.storage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ProducerStamp;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProducersTest {
    private static final long EVER = Long.MIN_VALUE;

    private final Producers producers = new Producers(ByteBuffer.allocate(0));

    private void append(long id, int sequence, long offset, long atMillis) {
        producers.appended(
                new ProducerStamp(id, (short) 0, sequence, 0),
                new BatchHeader(offset, 61, 0, 5, 0),
                atMillis,
                EVER);
    }

    @Test
    void theLongestSilentIsForgottenWhereThereAreTooMany() {
        for (int i = 0; i < Producers.MOST; i++) {
            append(i, 0, i, i);
        }
        append(0, 1, Producers.MOST, Producers.MOST);
        append(Producers.MOST, 0, Producers.MOST + 1, Producers.MOST);
        assertEquals(Optional.empty(), producers.find(1, EVER));
        assertEquals(2, producers.find(0, EVER).orElseThrow().batches().size());
        Producers again = new Producers(producers.toBytes());
        for (long id = 0; id <= Producers.MOST; id++) {
            assertEquals(producers.find(id, EVER), again.find(id, EVER));
        }
    }

    @Test
    void silentOnesAreForgottenAndLostOnesMayComeAgain() {
        append(1, 0, 0, 100);
        append(2, 0, 1, 200);
        append(3, 0, 2, 300);
        assertEquals(Optional.empty(), producers.find(1, 101));
        producers.forgetSilent(200);
        assertEquals(Optional.empty(), producers.find(1, EVER));
        producers.cut(2);
        assertEquals(Optional.empty(), producers.find(3, EVER));
        assertTrue(producers.find(2, EVER).isPresent());
        producers.cut(0);
        assertTrue(producers.isEmpty());
    }
}
