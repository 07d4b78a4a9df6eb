package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tributary.kernel.fault.ParserText;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;

/** What can be wrong with a body so that nothing behind the fault can be read. */
final class Malformed {
    private Malformed() {}

    static ProblemException json(String what) {
        return Problem.of(400, "The body is not valid JSON: " + what).asException();
    }

    static ProblemException json(JsonProcessingException e) {
        return json(ParserText.plain(e.getOriginalMessage()));
    }

    static ProblemException tooLarge(int maxBytes) {
        return Problem.of(413, "A record takes more than " + maxBytes + " bytes of the body.")
                .asException();
    }
}
