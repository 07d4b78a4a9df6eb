package io.tributary.ingest.kafka.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.ingest.kafka.fetch.FetchSession.Owner;
import io.tributary.ingest.kafka.fetch.FetchSessions.Step;
import io.tributary.ingest.kafka.fetch.FetchSessions.Use;
import io.tributary.ingest.kafka.fetch.Wanted.PartitionKey;
import io.tributary.kernel.id.TenantId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class FetchSessionsTest {
    private static final int MAX_PARTITIONS = 100;

    private long now = 1_000_000;
    private final FetchSessions sessions =
            new FetchSessions(4, MAX_PARTITIONS, () -> Instant.ofEpochMilli(now), new Random(1));

    private static Owner owner(char tenant) {
        return new Owner(new TenantId("t-" + String.valueOf(tenant).repeat(16)), "KEY");
    }

    private static List<Wanted> wanted(int partitions) {
        return IntStream.range(0, partitions)
                .mapToObj(i -> new Wanted(new PartitionKey("t", Uuid.ZERO_UUID, i), 0, 1_000, -1))
                .toList();
    }

    private static Map<PartitionKey, PartitionData> answers(int partitions, long highWatermark) {
        Map<PartitionKey, PartitionData> answers = new LinkedHashMap<>();
        wanted(partitions)
                .forEach(
                        one ->
                                answers.put(
                                        one.key(),
                                        new PartitionData()
                                                .setPartitionIndex(one.key().partition())
                                                .setHighWatermark(highWatermark)
                                                .setLogStartOffset(0)));
        return answers;
    }

    private Optional<Integer> begin(char tenant, int partitions) {
        return sessions.begin(owner(tenant), false, wanted(partitions), answers(partitions, 0));
    }

    private Use use(int id, int epoch, char tenant, int more) {
        return sessions.use(new Step(id, epoch, owner(tenant), false, wanted(more), List.of()));
    }

    private boolean there(int id, int epoch, char tenant) {
        return use(id, epoch, tenant, 0) instanceof Use.Read;
    }

    @Test
    void youngSessionsAreLeftAloneAndNewReadersGoWithout() {
        for (char tenant : "abcd".toCharArray()) {
            assertTrue(begin(tenant, 1).isPresent());
        }
        assertEquals(Optional.empty(), begin('e', 50));
        assertEquals(4, sessions.count());
    }

    @Test
    void sessionNobodyUsedForTwoMinutesGivesWay() {
        int idle = begin('a', 10).orElseThrow();
        int used = begin('b', 1).orElseThrow();
        int third = begin('c', 1).orElseThrow();
        int fourth = begin('d', 1).orElseThrow();
        now += FetchSessions.EVICTION_MILLIS - 1_000;
        assertTrue(there(used, 1, 'b'));
        assertTrue(there(third, 1, 'c'));
        assertTrue(there(fourth, 1, 'd'));
        now += 2_000;
        assertTrue(begin('e', 1).isPresent());
        assertEquals(new Use.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND), use(idle, 1, 'a', 0));
        assertTrue(there(used, 2, 'b'));
    }

    @Test
    void smallerSessionGivesWayToALargerOneOnceItHasHadItsTime() {
        int[] ids = new int[4];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = begin((char) ('a' + i), 5 + i).orElseThrow();
        }
        for (int round = 1; round <= 3; round++) {
            now += FetchSessions.EVICTION_MILLIS / 2;
            for (int i = 0; i < ids.length; i++) {
                assertTrue(there(ids[i], round, (char) ('a' + i)));
            }
        }
        assertEquals(Optional.empty(), begin('e', 4));
        assertTrue(begin('e', 6).isPresent());
        assertEquals(new Use.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND), use(ids[0], 4, 'a', 0));
        assertTrue(there(ids[1], 4, 'b'));
    }

    @Test
    void tenantWithHalfOfAllLetsItsOwnGoAndNotOthers() {
        int foreign = begin('b', 1).orElseThrow();
        List<Integer> own = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            own.add(begin('a', 2).orElseThrow());
        }
        now += 2 * FetchSessions.EVICTION_MILLIS;
        assertTrue(begin('a', 2).isPresent());
        assertTrue(there(foreign, 1, 'b'));
        assertEquals(4, sessions.count());
        assertTrue(own.stream().anyMatch(id -> !there(id, 1, 'a')));
    }

    @Test
    void tenantWithHalfOfAllPartitionsLetsItsOwnGoAndNotOthers() {
        int foreign = begin('b', 30).orElseThrow();
        int own = begin('a', 40).orElseThrow();
        now += 2 * FetchSessions.EVICTION_MILLIS;
        assertTrue(there(own, 1, 'a'));
        assertTrue(begin('a', 50).isPresent());
        assertEquals(new Use.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND), use(own, 2, 'a', 0));
        assertTrue(there(foreign, 1, 'b'), "although it was silent for longer");
    }

    @Test
    void partitionsOfAllSessionsTogetherAreBounded() {
        int id = begin('a', MAX_PARTITIONS - 10).orElseThrow();
        assertEquals(Optional.empty(), begin('b', 11));
        assertEquals(Optional.empty(), begin('b', MAX_PARTITIONS + 1));
        assertTrue(begin('b', 10).isPresent());
        // One that grows beyond ends, and its reader begins anew.
        assertEquals(
                new Use.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND),
                use(id, 1, 'a', MAX_PARTITIONS));
        assertTrue(begin('c', MAX_PARTITIONS - 10).isPresent());
    }

    @Test
    void failureIsToldEachTimeAndSoIsWhatComesAfterIt() {
        int id = begin('a', 2).orElseThrow();
        assertTrue(there(id, 1, 'a'));
        assertEquals(Map.of(), sessions.news(id, answers(2, 0)));
        Map<PartitionKey, PartitionData> failed = answers(2, 0);
        PartitionKey first = wanted(1).getFirst().key();
        failed.get(first).setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code());
        assertEquals(1, sessions.news(id, failed).size());
        assertEquals(1, sessions.news(id, failed).size());
        assertEquals(java.util.Set.of(first), sessions.news(id, answers(2, 0)).keySet());
        assertEquals(2, sessions.news(id, answers(2, 5)).size());
    }

    @Test
    void sessionThatForgetsEverythingEnds() {
        int id = begin('a', 1).orElseThrow();
        assertInstanceOf(
                Use.Ended.class,
                sessions.use(
                        new Step(
                                id,
                                1,
                                owner('a'),
                                false,
                                List.of(),
                                List.of(wanted(1).getFirst().key()))));
        assertEquals(0, sessions.count());
    }
}
