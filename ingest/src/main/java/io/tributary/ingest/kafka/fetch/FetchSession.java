package io.tributary.ingest.kafka.fetch;

import io.tributary.ingest.kafka.fetch.Wanted.PartitionKey;
import io.tributary.kernel.id.TenantId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * What one reader reads, and what it was told of it last, so that it need only say what changes and
 * hears only what changed (KIP-227). Guarded by the lock of its {@link FetchSessions}.
 */
final class FetchSession {
    private static final long UNTOLD = -1;

    private final int id;
    private final Owner owner;
    private final boolean byId;
    private final long createdMillis;
    private long usedMillis;
    private int epoch = FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH);

    /** In the order they are read in. */
    private final Map<PartitionKey, Known> partitions = new LinkedHashMap<>();

    /** Whose it is: nobody else may use it, whatever connection it comes over. */
    record Owner(TenantId tenant, String keyId) {}

    private static final class Known {
        private Wanted wanted;
        private long highWatermark = UNTOLD;
        private long logStart = UNTOLD;

        Known(Wanted wanted) {
            this.wanted = wanted;
        }

        /** Takes note of an answer; whether the reader need hear it. */
        boolean news(PartitionData answer) {
            boolean failed = answer.errorCode() != Errors.NONE.code();
            boolean news =
                    failed
                            || FetchResponse.recordsSize(answer) > 0
                            || highWatermark != answer.highWatermark()
                            || logStart != answer.logStartOffset();
            // After a failure whatever comes is news.
            highWatermark = failed ? UNTOLD : answer.highWatermark();
            logStart = failed ? UNTOLD : answer.logStartOffset();
            return news;
        }
    }

    /**
     * A session that begins with these partitions.
     *
     * @param byId whether topics are named by id in it
     */
    FetchSession(
            int id,
            Owner owner,
            boolean byId,
            long nowMillis,
            Map<PartitionKey, PartitionData> answered) {
        this.id = id;
        this.owner = owner;
        this.byId = byId;
        createdMillis = nowMillis;
        usedMillis = nowMillis;
        answered.forEach(
                (key, answer) -> {
                    Known known = new Known(new Wanted(key, 0, 0, 0));
                    boolean _ = known.news(answer);
                    partitions.put(key, known);
                });
    }

    int id() {
        return id;
    }

    Owner owner() {
        return owner;
    }

    boolean byId() {
        return byId;
    }

    long createdMillis() {
        return createdMillis;
    }

    long usedMillis() {
        return usedMillis;
    }

    int epoch() {
        return epoch;
    }

    int size() {
        return partitions.size();
    }

    /** Takes what the reader wants from now on. */
    void want(Collection<Wanted> wanted) {
        for (Wanted one : wanted) {
            partitions.computeIfAbsent(one.key(), key -> new Known(one)).wanted = one;
        }
    }

    /** How many of these it does not have yet. */
    long unknown(Collection<Wanted> wanted) {
        return wanted.stream()
                .map(Wanted::key)
                .distinct()
                .filter(k -> !partitions.containsKey(k))
                .count();
    }

    void forget(Collection<PartitionKey> keys) {
        partitions.keySet().removeAll(keys);
    }

    /** Goes on with the next request; all that is wanted now. */
    List<Wanted> next(long nowMillis) {
        usedMillis = nowMillis;
        epoch = FetchMetadata.nextEpoch(epoch);
        return partitions.values().stream().map(known -> known.wanted).toList();
    }

    /**
     * Takes note of what was read, and leaves what the reader need hear. What had records is read
     * last the next time, so that each has its turn.
     */
    Map<PartitionKey, PartitionData> news(Map<PartitionKey, PartitionData> answers) {
        Map<PartitionKey, PartitionData> news = new LinkedHashMap<>();
        List<PartitionKey> last = new ArrayList<>();
        answers.forEach(
                (key, answer) -> {
                    Known known = partitions.get(key);
                    if (known != null && known.news(answer)) {
                        news.put(key, answer);
                        if (FetchResponse.recordsSize(answer) > 0) {
                            last.add(key);
                        }
                    }
                });
        for (PartitionKey key : last) {
            partitions.put(key, partitions.remove(key));
        }
        return news;
    }
}
