package io.tributary.ingest.json;

import io.tributary.storage.NewRecord;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A record as a client sent it.
 *
 * @param partition where the client said so
 * @param keyFormat how the key was written; empty where the record named none
 * @param valueFormat likewise
 */
public record IncomingRecord(
        NewRecord record,
        OptionalInt partition,
        Optional<Format> keyFormat,
        Optional<Format> valueFormat) {}
