package io.tributary.testkit.fire;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.fire.History.Found;
import io.tributary.testkit.fire.History.Partition;
import io.tributary.testkit.fire.History.Place;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The checker finds what it is for. */
class HistoryTest {
    private static final Partition P = new Partition("t", 0);

    private final History history = new History();

    @BeforeEach
    void twoAcknowledgedRecordsAndOneOnItsWay() {
        for (String id : List.of("a/0/0", "a/0/1", "a/1/0")) {
            history.sending(id);
        }
        history.acknowledged(new Place(P, 0), "a/0/0", 0);
        history.acknowledged(new Place(P, 1), "a/0/1", 0);
    }

    private static void breach(String message, Executable check) {
        String found = assertThrows(AssertionError.class, check).getMessage();
        assertTrue(found.contains(message), found);
    }

    private void read(Found... found) {
        history.check(P, Set.of(0L, 1L), List.of(found));
    }

    @Test
    void acceptsWhatWasPromised() {
        read(new Found(0, "a/0/0"), new Found(1, "a/0/1"));
        read(new Found(0, "a/0/0"), new Found(1, "a/0/1"), new Found(2, "a/1/0"));
    }

    @Test
    void findsLoss() {
        breach("lost 1 acknowledged records: [1]", () -> read(new Found(0, "a/0/0")));
    }

    @Test
    void findsHole() {
        breach(
                "goes on with 2 instead of 1",
                () -> read(new Found(0, "a/0/0"), new Found(2, "a/0/1")));
    }

    @Test
    void findsDuplicate() {
        breach("is twice", () -> history.seen(new Place(P, 2), "a/0/1"));
    }

    @Test
    void findsOtherValueAtAnOffset() {
        breach("was a/0/1 and is now a/1/0", () -> history.seen(new Place(P, 1), "a/1/0"));
    }

    @Test
    void findsInventedRecord() {
        breach("nobody sent", () -> history.seen(new Place(P, 2), "b/0/0"));
    }

    @Test
    void findsBrokenOrder() {
        Partition other = new Partition("t", 1);
        history.sending("b/0/0");
        history.sending("b/1/0");
        breach(
                "after request 1/0",
                () ->
                        history.check(
                                other,
                                Set.of(),
                                List.of(new Found(0, "b/1/0"), new Found(1, "b/0/0"))));
    }

    @Test
    void findsChangedValue() {
        String value = Payload.of("a/0/0", 10);
        String changed = value.substring(0, value.length() - 1) + "A";
        breach("came back changed", () -> Payload.id(changed));
    }
}
