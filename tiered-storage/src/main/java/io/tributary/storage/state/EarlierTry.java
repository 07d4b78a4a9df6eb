package io.tributary.storage.state;

import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Ordinals;
import java.util.List;

/**
 * What earlier tries of a tagged request left.
 *
 * @param known whether there was any within the window
 * @param fingerprint of the whole request; 0 where that is not known
 * @param room how many more runs of offsets the key may get
 * @param parts one for each part of the request, in its order
 */
public record EarlierTry(boolean known, long fingerprint, int room, List<Part> parts) {
    /** The most runs of offsets one key may have: bounds its memory. */
    static final int MAX_RUNS = 65_536;

    static EarlierTry none(AppendRequest request) {
        return new EarlierTry(
                false,
                0,
                MAX_RUNS,
                request.parts().stream()
                        .map(part -> Part.none(part.ordinals().orElseThrow()))
                        .toList());
    }

    /**
     * What they left of the records that one part is about.
     *
     * @param runs where those lie that are stored, by ordinal
     * @param same how many of the part's records, from its first on, have the content they had
     *     before, for all that is known
     * @param inOrder whether what this try sent before is stored
     * @param end behind the last ordinal of which anything is known
     */
    public record Part(List<KnownRun> runs, int same, boolean inOrder, long end) {
        static Part none(Ordinals part) {
            return new Part(List.of(), part.count(), part.after().end() == 0, 0);
        }
    }
}
