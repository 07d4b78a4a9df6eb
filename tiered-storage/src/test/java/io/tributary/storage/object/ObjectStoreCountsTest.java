package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.id.ShardId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectStoreCountsTest {
    private final MemoryObjectStore memory = new MemoryObjectStore();
    private final ObjectStoreUsage usage = new ObjectStoreUsage();
    private final ObjectStore store = new ObjectStoreCounts(memory, usage);

    private ObjectStoreUsage.Share shard(int index) {
        return usage.of(Optional.of(new ShardId(index)));
    }

    @Test
    void whatIsAskedForIsCountedForItsShard() throws Exception {
        store.put("objects/1/a", ByteBuffer.wrap(new byte[10]));
        store.put("snapshots/1/b", ByteBuffer.wrap(new byte[5]));
        store.put("objects/2/a", ByteBuffer.wrap(new byte[1]));
        store.get("objects/1/a", 2, 4);
        store.list("objects/", Optional.empty(), 10);
        store.delete(List.of("objects/1/a", "snapshots/1/b"));
        assertEquals(2, shard(1).requests(RequestKind.PUT));
        assertEquals(15, shard(1).bytes(RequestKind.PUT));
        assertEquals(1, shard(1).requests(RequestKind.GET));
        assertEquals(4, shard(1).bytes(RequestKind.GET));
        assertEquals(1, shard(1).requests(RequestKind.DELETE));
        assertEquals(1, shard(2).requests(RequestKind.PUT));
        assertEquals(1, usage.of(Optional.empty()).requests(RequestKind.LIST));
    }

    @Test
    void whatFailsIsCountedButItsBytesAreNot() {
        memory.away.set(true);
        assertThrows(ObjectStoreException.class, () -> store.get("objects/1/a", 0, 9));
        assertEquals(1, shard(1).requests(RequestKind.GET));
        assertEquals(1, shard(1).failures(RequestKind.GET));
        assertEquals(0, shard(1).bytes(RequestKind.GET));
    }

    @Test
    void deletingNothingIsNoRequest() throws Exception {
        store.delete(List.of());
        assertEquals(0, usage.of(Optional.empty()).requests(RequestKind.DELETE));
    }
}
