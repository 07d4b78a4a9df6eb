package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ClaimedObjectStoreTest {
    private static final class Deployment implements Claimant {
        private final UUID id;
        private boolean claimed;

        Deployment(int number) {
            id = new UUID(1, number);
        }

        @Override
        public UUID id() {
            return id;
        }

        @Override
        public boolean hasClaimed() {
            return claimed;
        }

        @Override
        public void claimed() {
            claimed = true;
        }
    }

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final Deployment one = new Deployment(1);
    private final Deployment two = new Deployment(2);

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private ObjectStoreException denied(Executable call) {
        ObjectStoreException refused = assertThrows(ObjectStoreException.class, call);
        assertEquals(Kind.DENIED, refused.kind());
        return refused;
    }

    @Test
    void firstToClaimMarksTheStoreAndFindsItsMarkAgain() throws Exception {
        new ClaimedObjectStore(bucket, one).claim();
        assertTrue(one.hasClaimed());
        assertEquals(
                "{\"version\":1,\"id\":\"" + one.id() + "\"}\n",
                new String(bucket.objects.get(StoreMarker.KEY), StandardCharsets.US_ASCII));
        new ClaimedObjectStore(bucket, one).claim();
        assertEquals(Optional.of(new StoreMarker(one.id())), StoreMarker.read(bucket));
    }

    @Test
    void anothersStoreIsLeftAsItIs() throws Exception {
        new ClaimedObjectStore(bucket, one).put("objects/0/a", bytes("one's"));
        ClaimedObjectStore other = new ClaimedObjectStore(bucket, two);
        String message = denied(other::claim).getMessage();
        assertTrue(message.contains(one.id().toString()), message);
        assertTrue(message.contains(two.id().toString()), message);
        denied(() -> other.put("objects/0/b", bytes("two's")));
        denied(() -> other.delete(List.of("objects/0/a")));
        denied(other::check);
        assertEquals(Set.of("objects/0/a", StoreMarker.KEY), bucket.objects.keySet());
        assertFalse(two.hasClaimed());
    }

    @Test
    void deploymentThatHasAStoreTakesNoOther() throws Exception {
        new ClaimedObjectStore(bucket, one).claim();
        MemoryObjectStore empty = new MemoryObjectStore();
        String message = denied(new ClaimedObjectStore(empty, one)::claim).getMessage();
        assertTrue(message.contains(one.id().toString()), message);
        assertTrue(empty.objects.isEmpty());
    }

    @Test
    void objectsWithoutMarkAreNotTakenOver() {
        bucket.objects.put("objects/0/a", new byte[1]);
        denied(new ClaimedObjectStore(bucket, one)::claim);
        assertEquals(Set.of("objects/0/a"), bucket.objects.keySet());
    }

    @Test
    void nothingIsWrittenOrDeletedWhileTheOwnerIsUnknown() throws Exception {
        new ClaimedObjectStore(bucket, one).put("objects/0/a", bytes("one's"));
        ClaimedObjectStore other = new ClaimedObjectStore(bucket, two);
        bucket.away.set(true);
        assertEquals(
                Kind.UNAVAILABLE, assertThrows(ObjectStoreException.class, other::claim).kind());
        bucket.away.set(false);
        denied(() -> other.delete(List.of("objects/0/a")));
        ClaimedObjectStore again = new ClaimedObjectStore(bucket, one);
        again.delete(List.of("objects/0/a"));
        assertEquals(Set.of(StoreMarker.KEY), bucket.objects.keySet());
    }

    @Test
    void markOfAnotherReleaseIsRefused() {
        bucket.objects.put(
                StoreMarker.KEY,
                ("{\"version\":2,\"id\":\"" + one.id() + "\"}\n")
                        .getBytes(StandardCharsets.US_ASCII));
        assertEquals(
                Kind.CORRUPT,
                assertThrows(ObjectStoreException.class, new ClaimedObjectStore(bucket, one)::claim)
                        .kind());
    }

    @Test
    void countsTellOfAProblemUntilTheStoreAnswersAgain() throws Exception {
        ObjectStoreCounts counts = new ObjectStoreCounts(bucket, new ObjectStoreUsage());
        assertEquals(Optional.empty(), counts.problem());
        bucket.away.set(true);
        assertThrows(ObjectStoreException.class, counts::check);
        assertEquals(Kind.UNAVAILABLE, counts.problem().orElseThrow().kind());
        bucket.away.set(false);
        assertThrows(ObjectStoreException.class, () -> counts.get("nothing", 0, 1));
        assertEquals(Optional.empty(), counts.problem());
    }
}
