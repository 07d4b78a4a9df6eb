package io.tributary.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.FencedException;
import io.tributary.kernel.id.ShardId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnedManifestTest {
    private static final ShardId SHARD = new ShardId(0);

    private enum Fault {
        NONE,
        NOT_MADE,
        ANSWER_LOST,
        TRIED_TWICE
    }

    private static final class Store implements ManifestStore {
        private Optional<Stored> stored = Optional.empty();
        private Fault fault = Fault.NONE;

        @Override
        public List<ShardId> list() {
            return stored.isPresent() ? List.of(SHARD) : List.of();
        }

        @Override
        public Optional<Stored> read(ShardId shard) {
            return stored;
        }

        @Override
        public boolean create(ShardId shard, ShardManifest manifest) {
            stored = Optional.of(new Stored(manifest, 0));
            return true;
        }

        @Override
        public boolean replace(ShardId shard, ShardManifest manifest, int version)
                throws IOException {
            if (fault == Fault.NOT_MADE) {
                throw new IOException("away");
            }
            if (stored.orElseThrow().version() != version) {
                return false;
            }
            stored = Optional.of(new Stored(manifest, version + 1));
            if (fault == Fault.ANSWER_LOST) {
                throw new IOException("the answer was lost");
            }
            return fault != Fault.TRIED_TWICE;
        }
    }

    private final Store store = new Store();

    private OwnedManifest claim(String owner) throws IOException {
        return OwnedManifest.claim(store, SHARD, owner);
    }

    @Test
    void changeThatWasMadeThoughItFailedIsFoundByTheNext() throws Exception {
        OwnedManifest manifest = claim("a");
        store.fault = Fault.ANSWER_LOST;
        assertThrows(IOException.class, () -> manifest.change(m -> m.withLedger(1)));
        assertEquals(List.of(), manifest.current().ledgers());
        store.fault = Fault.NONE;
        manifest.change(m -> m.withLedger(1));
        manifest.change(m -> m.withLedger(2));
        assertEquals(List.of(1L, 2L), store.stored.orElseThrow().manifest().ledgers());
    }

    @Test
    void changeThatWasNotMadeCanBeMadeAgain() throws Exception {
        OwnedManifest manifest = claim("a");
        store.fault = Fault.NOT_MADE;
        assertThrows(IOException.class, () -> manifest.change(m -> m.withLedger(1)));
        store.fault = Fault.NONE;
        manifest.change(m -> m.withLedger(2));
        assertEquals(List.of(2L), store.stored.orElseThrow().manifest().ledgers());
    }

    @Test
    void storeThatTriedTwiceAndRefusedItsOwnFirstTryFencesNobody() throws Exception {
        OwnedManifest manifest = claim("a");
        store.fault = Fault.TRIED_TWICE;
        assertEquals(List.of(1L), manifest.change(m -> m.withLedger(1)).ledgers());
        // A claim is not believed: another of the same name may have made it.
        assertThrows(FencedException.class, () -> claim("a"));
    }

    @Test
    void ownerInDoubtIsFencedByTheNext() throws Exception {
        OwnedManifest manifest = claim("a");
        store.fault = Fault.ANSWER_LOST;
        assertThrows(IOException.class, () -> manifest.change(m -> m.withLedger(1)));
        store.fault = Fault.NONE;
        claim("b").change(m -> m.withLedger(2));
        assertThrows(FencedException.class, () -> manifest.change(m -> m.withLedger(3)));
        assertEquals(List.of(1L, 2L), store.stored.orElseThrow().manifest().ledgers());
    }
}
