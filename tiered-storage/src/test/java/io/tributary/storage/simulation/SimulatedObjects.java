package io.tributary.storage.simulation;

import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The object store as one process sees it: requests take time, take effect though their sender is
 * dead, and their answers are lost.
 */
final class SimulatedObjects implements ObjectStore {
    private static final int USUAL_MILLIS = 30;
    private static final int SLOW_MILLIS = 4_000;
    private static final long LONGEST_LAG_MILLIS = 2_000;

    /** No request takes effect later than this after it was sent. */
    static final long LONGEST_MILLIS = SLOW_MILLIS + USUAL_MILLIS;

    private interface Effect<T> {
        T on(Bucket bucket) throws IOException;
    }

    private final Bucket bucket;
    private final Machine machine;
    private final Faults faults;
    private final SimulatedProcess process;
    private final SimulatedProcess network;

    SimulatedObjects(
            Bucket bucket,
            Machine machine,
            Faults faults,
            SimulatedProcess process,
            SimulatedProcess network) {
        this.bucket = bucket;
        this.machine = machine;
        this.faults = faults;
        this.process = process;
        this.network = network;
    }

    private <T> T request(Effect<T> effect) throws IOException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        boolean fails = faults.strikes(Faults.Kind.OBJECT_ERROR);
        boolean lost = faults.strikes(Faults.Kind.OBJECT_ANSWER_LOST);
        int longest = faults.strikes(Faults.Kind.OBJECT_SLOW) ? SLOW_MILLIS : USUAL_MILLIS;
        machine.after(
                machine.random().nextInt(longest),
                network,
                () -> {
                    if (bucket.away || fails) {
                        answerLater(answer, null, unavailable("away"));
                        return;
                    }
                    try {
                        T result = effect.on(bucket);
                        answerLater(answer, result, lost ? unavailable("answer lost") : null);
                    } catch (IOException e) {
                        answerLater(answer, null, e);
                    }
                });
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    private <T> void answerLater(CompletableFuture<T> answer, T result, IOException problem) {
        machine.after(
                machine.random().nextInt(USUAL_MILLIS),
                process,
                () -> {
                    if (problem == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(problem);
                    }
                });
    }

    private static ObjectStoreException unavailable(String why) {
        return new ObjectStoreException(Kind.UNAVAILABLE, why);
    }

    @Override
    public void put(String key, Path file) throws IOException {
        put(key, ByteBuffer.wrap(Files.readAllBytes(file)));
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        byte[] content = new byte[bytes.remaining()];
        bytes.duplicate().get(content);
        request(
                on -> {
                    Bucket.Stored there = on.objects.get(key);
                    if (there != null && !Arrays.equals(there.bytes(), content)) {
                        throw new ObjectStoreException(Kind.EXISTS, key);
                    }
                    on.objects.putIfAbsent(key, new Bucket.Stored(content, machine.nowMillis()));
                    machine.note("stored " + key + " bytes=" + content.length);
                    return true;
                });
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        boolean cut = faults.strikes(Faults.Kind.OBJECT_BODY_CUT);
        boolean flip = faults.strikes(Faults.Kind.OBJECT_BODY_FLIPPED);
        int where = machine.random().nextInt(Math.max(1, length));
        byte[] found =
                request(
                        on -> {
                            Bucket.Stored stored = on.objects.get(key);
                            if (stored == null) {
                                throw new ObjectStoreException(Kind.MISSING, key);
                            }
                            if (cut || offset + length > stored.bytes().length) {
                                throw new ObjectStoreException(Kind.CORRUPT, key);
                            }
                            return Arrays.copyOfRange(
                                    stored.bytes(), (int) offset, (int) offset + length);
                        });
        if (flip) {
            found[where] ^= 1;
            machine.note("flipped " + key + " at " + (offset + where));
        }
        return ByteBuffer.wrap(found);
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        long lag = faults.strikes(Faults.Kind.LIST_LAG) ? LONGEST_LAG_MILLIS : 0;
        return request(
                on ->
                        listed(on, machine.nowMillis() - lag)
                                .tailMap(after.orElse(""), false)
                                .entrySet()
                                .stream()
                                .filter(entry -> entry.getKey().startsWith(prefix))
                                .limit(limit)
                                .map(e -> info(e.getKey(), e.getValue()))
                                .toList());
    }

    /** What there was at a time not long ago. */
    private static NavigableMap<String, Bucket.Stored> listed(Bucket bucket, long atMillis) {
        NavigableMap<String, Bucket.Stored> then = new TreeMap<>(bucket.objects);
        then.values().removeIf(stored -> stored.atMillis() > atMillis);
        bucket.deleted.forEach(
                (key, gone) -> {
                    if (gone.atMillis() > atMillis) {
                        then.put(key, gone);
                    }
                });
        return then;
    }

    private static ObjectInfo info(String key, Bucket.Stored stored) {
        return new ObjectInfo(key, stored.bytes().length, Instant.ofEpochMilli(stored.atMillis()));
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        List<String> gone = List.copyOf(keys);
        request(
                on -> {
                    gone.forEach(key -> on.delete(key, machine.nowMillis()));
                    machine.note("deleted " + gone);
                    return true;
                });
    }

    @Override
    public void check() throws IOException {
        request(on -> true);
    }

    @Override
    public void close() {}
}
