package io.tributary.storage.object;

import io.tributary.kernel.id.ShardId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much each shard uses an object store. Keys say whose they are: what follows the first slash
 * is the shard. Thread-safe.
 */
public final class ObjectStoreUsage implements RequestListener {
    private static final Pattern KEY = Pattern.compile("[a-z]+/(\\d{1,9})/.*");

    private final Map<Optional<ShardId>, Share> shares = new ConcurrentHashMap<>();

    /** What one shard asked for. */
    public static final class Share {
        private final Map<RequestKind, Counters> kinds = new EnumMap<>(RequestKind.class);

        private Share() {
            for (RequestKind kind : RequestKind.values()) {
                kinds.put(kind, new Counters());
            }
        }

        private static final class Counters {
            private final LongAdder calls = new LongAdder();
            private final LongAdder sent = new LongAdder();
            private final LongAdder retries = new LongAdder();
            private final LongAdder failures = new LongAdder();
            private final LongAdder bytes = new LongAdder();
        }

        /**
         * Requests that were sent, retries included; where the store does not tell, how often it
         * was asked.
         */
        public long requests(RequestKind kind) {
            Counters of = kinds.get(kind);
            return Math.max(of.sent.sum(), of.calls.sum());
        }

        /** Requests that repeat one that failed. */
        public long retries(RequestKind kind) {
            return kinds.get(kind).retries.sum();
        }

        /** What failed for good, after the store's own retries. */
        public long failures(RequestKind kind) {
            return kinds.get(kind).failures.sum();
        }

        /** Bytes put, or got; of what succeeded. */
        public long bytes(RequestKind kind) {
            return kinds.get(kind).bytes.sum();
        }

        void called(RequestKind kind) {
            kinds.get(kind).calls.increment();
        }

        void succeeded(RequestKind kind, long bytes) {
            kinds.get(kind).bytes.add(bytes);
        }

        void failed(RequestKind kind) {
            kinds.get(kind).failures.increment();
        }
    }

    /** A shard's share; empty for what is of no single shard, such as a scrub's lists. */
    public Share of(Optional<ShardId> shard) {
        return shares.computeIfAbsent(shard, none -> new Share());
    }

    Share ofKey(String key) {
        Matcher matcher = KEY.matcher(key);
        return of(
                matcher.matches()
                        ? Optional.of(new ShardId(Integer.parseInt(matcher.group(1))))
                        : Optional.empty());
    }

    @Override
    public void sent(RequestKind kind, String key, boolean retry) {
        Share.Counters counters = ofKey(key).kinds.get(kind);
        counters.sent.increment();
        if (retry) {
            counters.retries.increment();
        }
    }
}
