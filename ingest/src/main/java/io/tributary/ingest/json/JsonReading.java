package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/** The strictness and the bounds under which JSON is read here. */
final class JsonReading {
    /** How deep objects and arrays may nest, a record's own levels included. */
    static final int MAX_DEPTH = 64;

    /** What a record's JSON may take beyond the record itself: base64, escapes and field names. */
    static final int SLACK_BYTES = 64 << 10;

    private JsonReading() {}

    /** Refuses duplicate names; sizes are bounded by who hands the bytes over. */
    static JsonFactory strict() {
        return factory().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    }

    /** Takes duplicate names, as JSON itself does. */
    static JsonFactory plain() {
        return factory().build();
    }

    private static com.fasterxml.jackson.core.JsonFactoryBuilder factory() {
        return new com.fasterxml.jackson.core.JsonFactoryBuilder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxNumberLength(Integer.MAX_VALUE)
                                .maxStringLength(Integer.MAX_VALUE)
                                .build());
    }
}
