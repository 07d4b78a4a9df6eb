package io.tributary.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendRequest.Ordinals;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.AppendRequest.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** One try of a tagged request that brings records for a partition, a part at a time. */
public final class Tries {
    private final PartitionId partition;
    private final PartitionSettings settings;
    private final List<NewRecord> request;
    private final IntPredicate takes;
    private final ContentChain content = new ContentChain();
    private Sent sent = Sent.NOTHING;
    private int next;

    /**
     * A try.
     *
     * @param request all records the request has for the partition
     * @param takes whether the one of this ordinal is taken
     */
    public Tries(
            PartitionId partition,
            PartitionSettings settings,
            List<NewRecord> request,
            IntPredicate takes) {
        this.partition = partition;
        this.settings = settings;
        this.request = request;
        this.takes = takes;
    }

    /** All of the records as one part. */
    public static Part whole(
            PartitionId partition, PartitionSettings settings, List<NewRecord> request) {
        return new Tries(partition, settings, request, n -> true).part(request.size());
    }

    /** The next so many records. */
    public Part part(int count) {
        int first = next;
        int before = content.value();
        Sent after = sent;
        List<NewRecord> records = new ArrayList<>();
        List<Integer> taken = new ArrayList<>();
        int[] hashes = new int[count];
        for (; next < first + count; next++) {
            hashes[next - first] = content.add(request.get(next));
            if (takes.test(next)) {
                records.add(request.get(next));
                taken.add(next - first);
                sent = new Sent(next + 1, content.value());
            }
        }
        int[] ordinals = taken.stream().mapToInt(n -> n).toArray();
        return new Part(
                partition,
                settings,
                records,
                Optional.of(new Ordinals(first, ordinals, before, hashes, after)));
    }

    /** How many records were in parts so far. */
    public int next() {
        return next;
    }
}
