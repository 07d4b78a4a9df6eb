package io.tributary.ingest.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.ingest.consumer.InstanceRecord.Held;
import io.tributary.ingest.consumer.Positions.Move;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PositionsTest {
    private static final PartitionId P = new PartitionId(new TopicId(new UUID(1, 2)), 0);

    private final Positions positions = new Positions();

    @Test
    void whatWasReturnedIsNeitherStoredNorCommittedBeforeTheNextPoll() {
        positions.begin(P, 5, 5);
        positions.returned(Map.of(P, new Move(5, 9)));
        assertEquals(OptionalLong.of(9), positions.next(P));
        assertEquals(Map.of(P, new Held(5, 5)), positions.toStore());
        assertEquals(Map.of(), positions.uncommitted());
        assertTrue(positions.received());
        assertEquals(Map.of(P, new Held(9, 5)), positions.toStore());
        assertEquals(Map.of(P, 9L), positions.uncommitted());
        positions.committed(Map.of(P, 9L));
        assertEquals(Map.of(), positions.uncommitted());
        assertFalse(positions.received());
    }

    @Test
    void whatReachedNobodyIsReturnedAnew() {
        positions.begin(P, 5, 5);
        Map<PartitionId, Move> moves = Map.of(P, new Move(5, 9));
        positions.returned(moves);
        positions.undo(moves);
        assertEquals(OptionalLong.of(5), positions.next(P));
    }

    @Test
    void whatWasReceivedOrLeftBySeekingIsNotUndone() {
        Map<PartitionId, Move> moves = Map.of(P, new Move(5, 9));
        positions.begin(P, 5, 5);
        positions.returned(moves);
        boolean _ = positions.received();
        positions.undo(moves);
        assertEquals(OptionalLong.of(9), positions.next(P));
        positions.set(P, 2);
        positions.undo(moves);
        assertEquals(OptionalLong.of(2), positions.next(P));
    }

    @Test
    void aSeekKeepsWhatIsCommitted() {
        positions.begin(P, 5, 5);
        positions.set(P, 2);
        assertEquals(Map.of(P, new Held(2, 5)), positions.toStore());
        assertEquals(Map.of(P, 2L), positions.uncommitted());
    }

    @Test
    void aMoveFromElsewhereDoesNotCount() {
        positions.set(P, 7);
        positions.returned(Map.of(P, new Move(5, 9)));
        assertEquals(OptionalLong.of(7), positions.next(P));
        positions.keep(List.of());
        positions.returned(Map.of(P, new Move(5, 9)));
        assertEquals(OptionalLong.empty(), positions.next(P));
    }
}
