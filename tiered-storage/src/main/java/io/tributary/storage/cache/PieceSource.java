package io.tributary.storage.cache;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings pieces from the local disk, or else from the object store in as few requests as there are
 * runs of them, and checks each before anybody has it. Thread-safe; blocks.
 */
final class PieceSource {
    private static final Logger LOG = LoggerFactory.getLogger(PieceSource.class);

    /** The most one request asks for, unless a single piece is larger. */
    static final int MAX_GET_BYTES = 8 << 20;

    /** Gets each piece once, as soon as it is there or it is clear that it cannot be had. */
    interface Sink {
        /**
         * The piece and its checked bytes, which nobody changes.
         *
         * @return whether the object is still in use as far as is known
         */
        boolean landed(Piece piece, ByteBuffer bytes);

        void failed(Piece piece, IOException problem);
    }

    private final ObjectStore store;
    private final PieceFiles files;
    private final PieceWriter writer;
    private final CacheCounts counts;

    PieceSource(ObjectStore store, PieceFiles files, PieceWriter writer, CacheCounts counts) {
        this.store = store;
        this.files = files;
        this.writer = writer;
        this.counts = counts;
    }

    void load(List<Piece> pieces, Sink sink) {
        List<Piece> missing = new ArrayList<>();
        for (Piece piece : pieces) {
            Optional<ByteBuffer> bytes = files.read(piece.extent());
            if (bytes.isPresent() && !piece.check().passes(bytes.get())) {
                damaged("damaged cached piece thrown away", piece);
                files.drop(piece.extent());
                bytes = Optional.empty();
            }
            if (bytes.isPresent()) {
                counts.diskHits.increment();
                sink.landed(piece, bytes.get());
            } else {
                missing.add(piece);
            }
        }
        for (List<Piece> run : Piece.runs(missing, MAX_GET_BYTES)) {
            fetch(run, sink);
        }
    }

    private void fetch(List<Piece> run, Sink sink) {
        List<ByteBuffer> parts;
        try {
            parts = get(run);
        } catch (IOException e) {
            if (run.size() > 1 && isCutOff(e)) {
                // Those before the end of a cut object are whole.
                run.forEach(piece -> fetch(List.of(piece), sink));
            } else {
                run.forEach(piece -> sink.failed(piece, told(piece, e)));
            }
            return;
        }
        boolean keep = writer.takes(Piece.bytes(run));
        for (int i = 0; i < run.size(); i++) {
            Piece piece = run.get(i);
            try {
                ByteBuffer bytes = checked(piece, parts.get(i));
                counts.misses.increment();
                if (sink.landed(piece, bytes) && keep) {
                    writer.keep(piece.extent(), bytes);
                }
            } catch (IOException e) {
                sink.failed(piece, e);
            }
        }
    }

    private List<ByteBuffer> get(List<Piece> run) throws IOException {
        Extent first = run.getFirst().extent();
        counts.gets.increment();
        counts.getBytes.add(Piece.bytes(run));
        return store.get(
                first.object().key(),
                first.position(),
                run.stream().map(piece -> piece.extent().lengthBytes()).toList());
    }

    /** The bytes if they are good, or else what a second request brings. */
    private ByteBuffer checked(Piece piece, ByteBuffer bytes) throws IOException {
        if (piece.check().passes(bytes)) {
            return bytes;
        }
        damaged("damaged bytes came from the object store, fetching them again", piece);
        ByteBuffer again = get(List.of(piece)).getFirst();
        if (piece.check().passes(again)) {
            return again;
        }
        Extent extent = piece.extent();
        throw damage(
                extent, "the next " + extent.lengthBytes() + " bytes are not what was written");
    }

    private static boolean isCutOff(IOException problem) {
        return problem instanceof ObjectStoreException e
                && e.kind() == ObjectStoreException.Kind.CORRUPT;
    }

    private static IOException told(Piece piece, IOException problem) {
        return isCutOff(problem)
                ? damage(piece.extent(), "it is cut off: " + problem.getMessage())
                : problem;
    }

    private static CorruptDataException damage(Extent extent, String what) {
        return new CorruptDataException(
                "object " + extent.object(),
                extent.position(),
                what,
                "Restore the object from a replica or a backup of the bucket; until then these"
                        + " records cannot be read.");
    }

    private void damaged(String what, Piece piece) {
        counts.damaged.increment();
        LOG.warn(
                "{} object={} position={}",
                what,
                piece.extent().object(),
                piece.extent().position());
    }
}
