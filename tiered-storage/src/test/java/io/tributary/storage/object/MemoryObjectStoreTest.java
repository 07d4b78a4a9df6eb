package io.tributary.storage.object;

class MemoryObjectStoreTest extends ObjectStoreContract {
    @Override
    ObjectStore store() {
        return new MemoryObjectStore();
    }
}
