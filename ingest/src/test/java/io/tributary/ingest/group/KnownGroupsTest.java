package io.tributary.ingest.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.TenantId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownGroupsTest {
    private static final TenantId ACME = new TenantId("t-aaaaaaaaaaaaaaaa");
    private static final TenantId OTHER = new TenantId("t-bbbbbbbbbbbbbbbb");

    private final KnownGroups known = new KnownGroups();

    private void count(String... found) {
        known.counted(known.begin(), Map.of(ACME, List.of(found)));
    }

    @Test
    void groupsAdmittedWhileACountRunsAreNotForgotten() {
        int running = known.begin();
        assertTrue(known.admit(ACME, "new", 2));
        assertTrue(known.admit(OTHER, "theirs", 2));
        known.counted(running, Map.of(ACME, List.of("old")));
        assertTrue(known.contains(ACME, "new"));
        assertTrue(known.contains(OTHER, "theirs"));
        assertFalse(known.admit(ACME, "third", 2), "the limit holds");
        assertTrue(known.admit(ACME, "new", 2), "but not for who is there");
    }

    @Test
    void whatTheNextCountDoesNotFindIsForgotten() {
        assertTrue(known.admit(ACME, "late", 2));
        count("old");
        assertTrue(known.contains(ACME, "late"), "it may be on its way to the coordinator");
        count("old");
        assertFalse(known.contains(ACME, "late"));
        assertEquals(1, known.size());
        count();
        assertFalse(known.contains(ACME, "old"));
    }

    @Test
    void countThatEndsLateForgetsNothingThatALaterOneKnows() {
        int slow = known.begin();
        count();
        assertTrue(known.admit(ACME, "new", 1));
        known.counted(slow, Map.of());
        assertTrue(known.contains(ACME, "new"));
    }
}
