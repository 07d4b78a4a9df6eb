package io.tributary.storage;

import java.util.List;

/**
 * What a scrub found: every object that was listed, by the cause that explains it, and what is
 * wrong with what is referred to.
 *
 * @param finishedAtMillis when, 0 for never
 * @param listed what lay in the store, removed orphans included
 * @param wrong about what the shards refer to
 * @param verification how much was read to find out
 */
public record ScrubReport(
        long finishedAtMillis,
        Listed listed,
        Causes causes,
        Wrong wrong,
        Verification verification) {
    /** Before the first scrub. */
    public static final ScrubReport NEVER =
            new ScrubReport(
                    0,
                    new Listed(0, 0),
                    new Causes(0, 0, 0, 0, 0, 0, 0),
                    new Wrong(List.of(), List.of(), List.of()),
                    new Verification(0, 0));

    /** Objects in the store, and their bytes. */
    public record Listed(long objects, long bytes) {}

    /**
     * How many objects are there for which reason; each counts once.
     *
     * @param live hold records that can be read
     * @param garbage wait for their deletion
     * @param underWay uploaded just now, or about to be
     * @param snapshots the shards' current ones
     * @param orphansInGrace referred to by nobody, and not old enough to go
     * @param orphansRemoved referred to by nobody; gone now
     * @param foreign of shards that this node does not serve, or under keys that are none of ours;
     *     left alone
     */
    public record Causes(
            long live,
            long garbage,
            long underWay,
            long snapshots,
            long orphansInGrace,
            long orphansRemoved,
            long foreign) {
        long sum() {
            return live
                    + garbage
                    + underWay
                    + snapshots
                    + orphansInGrace
                    + orphansRemoved
                    + foreign;
        }
    }

    /**
     * Keys of what is referred to and not as it should be: data is lost or damaged.
     *
     * @param missing not in the store
     * @param wrongSize there with another size
     * @param damaged there with other content than was stored
     */
    public record Wrong(List<String> missing, List<String> wrongSize, List<String> damaged) {
        public Wrong {
            missing = List.copyOf(missing);
            wrongSize = List.copyOf(wrongSize);
            damaged = List.copyOf(damaged);
        }

        public boolean nothing() {
            return missing.isEmpty() && wrongSize.isEmpty() && damaged.isEmpty();
        }
    }

    /** Whole objects read and compared with their checksums. */
    public record Verification(long objects, long bytes) {}

    /** Objects that were listed and that no cause explains. */
    public long unexplained() {
        return listed.objects() - causes.sum();
    }
}
