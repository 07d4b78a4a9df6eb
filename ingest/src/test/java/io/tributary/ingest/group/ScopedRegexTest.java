package io.tributary.ingest.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.re2j.Pattern;
import io.tributary.kernel.id.TenantId;
import java.util.List;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScopedRegexTest {
    private static final Scope MINE = Scope.of(new TenantId("t-mmmmmmmmmmmmmmmm"));
    private static final Scope THEIRS = Scope.of(new TenantId("t-tttttttttttttttt"));

    private static final List<String> NAMES =
            List.of("a", "b", "ab", "aa", "ba", "A", "a.b", "a-1", "_a", "-b", "]", "^a", "abc");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.*",
                "^a.*",
                "^a.*$",
                "\\Aa.*\\z",
                "^^a",
                "^*a",
                "(^a|^b).*",
                "^a|^b",
                "a|^b",
                "(?:^a)|b",
                "(?i)^a",
                "(?i:^)a",
                "(?P<first>^a)b",
                "(^)(^a)b",
                "\\b^a",
                "a^b",
                "a$",
                "^[^a].*",
                "[]^]a?",
                "[^]^]",
                "[[:alpha:]^]+",
                "[\\]^]a?",
                "\\^a",
                "\\Q^a\\E",
                "^\\p{Ll}+$",
                "()^a",
                "^",
                ""
            })
    void expressionFindsWhatItFindsAloneAndNothingOfOthers(String regex) {
        Pattern alone = Pattern.compile(regex);
        String scoped = ScopedRegex.in(MINE, regex);
        Pattern among = Pattern.compile(scoped);
        for (String name : NAMES) {
            assertEquals(alone.matches(name), among.matches(MINE.in(name)), name);
            assertFalse(among.matches(THEIRS.in(name)), name);
        }
        assertEquals(regex, ScopedRegex.out(MINE, scoped));
    }

    @Test
    void expressionCannotEndThePlaceItIsPutIn() {
        for (String regex : List.of("a)|(?:.*", "a)|(.*", "(", "[", "\\", "a{2001}", "\\Qa")) {
            assertThrows(InvalidRegularExpression.class, () -> ScopedRegex.in(MINE, regex), regex);
        }
    }
}
