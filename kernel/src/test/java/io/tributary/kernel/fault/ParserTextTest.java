package io.tributary.kernel.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ParserTextTest {
    @Test
    void whatOnlyTheParsersDevelopersUnderstandIsLeftOut() {
        String source =
                "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
                        + " line: 1, column: 1]";
        assertEquals(
                "Unexpected end-of-input: expected close marker for Object",
                ParserText.plain(
                        "Unexpected end-of-input: expected close marker for Object (start marker"
                                + " at "
                                + source
                                + ")"));
        assertEquals(
                "Unexpected close marker ']': expected '}'",
                ParserText.plain(
                        "Unexpected close marker ']': expected '}' (for Object starting at "
                                + source
                                + ")"));
        assertEquals(
                "Document nesting depth (65) exceeds the maximum allowed (64)",
                ParserText.plain(
                        "Document nesting depth (65) exceeds the maximum allowed (64, from"
                                + " `StreamReadConstraints.getMaxNestingDepth()`)"));
        assertEquals(
                "Unexpected character ('x' (code 120))",
                ParserText.plain("Unexpected character ('x' (code 120))"));
    }
}
