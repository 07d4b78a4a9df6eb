package io.tributary.metadata.record;

import java.util.List;

class MemoryRecordsTest extends VersionedRecordsContract {
    @Override
    protected VersionedRecords records() {
        MemoryRecords records = new MemoryRecords();
        records.apply(List.of(new Change.Create("/test", new byte[0])));
        return records;
    }
}
