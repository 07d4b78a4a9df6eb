package io.tributary.log;

class MemoryLedgerStoreTest extends LedgerStoreContract {
    private final MemoryLedgerStore.Disk disk = new MemoryLedgerStore.Disk();

    @Override
    LedgerStore open() {
        return new MemoryLedgerStore(disk, Runnable::run);
    }
}
