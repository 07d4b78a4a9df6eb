package io.tributary.ingest.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.re2j.Pattern;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tenant's names never meet another's. */
class ScopeTest {
    private static final TenantId ACME = new TenantId("t-aaaaaaaaaaaaaaab");
    private static final TenantId RIVAL = new TenantId("t-aaaaaaaaaaaaaaac");
    private static final Scope SCOPE = Scope.of(ACME);
    private static final Scope OTHER = Scope.of(RIVAL);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders",
                "",
                "/",
                "t-aaaaaaaaaaaaaaac/orders",
                "a/b/c",
                "\u0000",
                "..",
                "\uD800"
            })
    void everyNameComesBackAsItWentIn(String name) {
        String scoped = SCOPE.in(name);
        assertEquals(name, SCOPE.out(scoped));
        assertEquals(Optional.of(ACME), Scope.owner(scoped));
        assertFalse(OTHER.owns(scoped));
        assertThrows(IllegalStateException.class, () -> OTHER.out(scoped));
    }

    @Test
    void subscriptionsKeepEverythingButTheirNames() {
        TopicPartition owned = new TopicPartition("b", 3);
        for (short version = 0; version <= 3; version++) {
            Subscription said =
                    new Subscription(
                            List.of("a", "b"),
                            ByteBuffer.wrap(new byte[] {1, 2, 3}),
                            List.of(owned),
                            7,
                            Optional.of("rack"));
            byte[] bytes = bytes(ConsumerProtocol.serializeSubscription(said, version));
            byte[] scoped = ConsumerBytes.subscription(bytes, SCOPE::in);
            Subscription read = ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(scoped));
            assertEquals(List.of(SCOPE.in("a"), SCOPE.in("b")), read.topics());
            if (version > 0) {
                assertEquals(List.of(new TopicPartition(SCOPE.in("b"), 3)), read.ownedPartitions());
            }
            assertArrayEquals(bytes, ConsumerBytes.subscription(scoped, SCOPE::out));
        }
    }

    @Test
    void assignmentsKeepEverythingButTheirNames() {
        Assignment said =
                new Assignment(
                        List.of(new TopicPartition("a", 0), new TopicPartition("b", 1)),
                        ByteBuffer.wrap(new byte[] {9}));
        byte[] bytes = bytes(ConsumerProtocol.serializeAssignment(said));
        byte[] scoped = ConsumerBytes.assignment(bytes, SCOPE::in);
        assertEquals(
                List.of(new TopicPartition(SCOPE.in("a"), 0), new TopicPartition(SCOPE.in("b"), 1)),
                ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(scoped)).partitions());
        assertArrayEquals(bytes, ConsumerBytes.assignment(scoped, SCOPE::out));
    }

    @Test
    void fieldsOfVersionsNotKnownYetStay() {
        byte[] known =
                bytes(
                        ConsumerProtocol.serializeSubscription(
                                new Subscription(List.of("a")), (short) 3));
        ByteBuffer later = ByteBuffer.allocate(known.length + 5).put(known);
        later.put(new byte[] {1, 2, 3, 4, 5}).putShort(0, (short) 9);
        byte[] scoped = ConsumerBytes.subscription(later.array(), SCOPE::in);
        assertEquals(9, ByteBuffer.wrap(scoped).getShort());
        assertArrayEquals(later.array(), ConsumerBytes.subscription(scoped, SCOPE::out));
    }

    @Test
    void whatIsNoSubscriptionIsRefusedAndNotPassedOn() {
        for (byte[] bytes :
                List.of(
                        new byte[] {0},
                        new byte[] {0, 1, 127, 127, 127, 127},
                        new byte[] {-1, -1, 0, 0},
                        "t-aaaaaaaaaaaaaaac/orders".getBytes(StandardCharsets.UTF_8))) {
            assertThrows(
                    InconsistentGroupProtocolException.class,
                    () -> ConsumerBytes.subscription(bytes, SCOPE::in));
            assertThrows(
                    InconsistentGroupProtocolException.class,
                    () -> ConsumerBytes.assignment(bytes, SCOPE::in));
        }
        assertEquals(0, ConsumerBytes.subscription(new byte[0], SCOPE::in).length);
    }

    @Test
    void anothersNamesNeverComeOutOfBytes() {
        byte[] others =
                bytes(
                        ConsumerProtocol.serializeSubscription(
                                new Subscription(List.of(OTHER.in("secret")))));
        assertThrows(
                IllegalStateException.class, () -> ConsumerBytes.subscription(others, SCOPE::out));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a)|(?:.*",
                "a)|.*|(b",
                ".*)|(.*",
                ")",
                "(",
                "\\Qa",
                "a\\",
                "[",
                "(?:\\Q",
                "(?P<n>a)(?P<n>b"
            })
    void expressionsCannotLeaveTheirPlace(String hostile) {
        assertThrows(InvalidRegularExpression.class, () -> ScopedRegex.in(SCOPE, hostile));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".*",
                "a|.*",
                "^.*$",
                "|",
                "(?i)A.*",
                "(a|b)*",
                "\\Qa.b\\E",
                "(?s).*",
                "t-.*",
                ""
            })
    void expressionsFindTheirTenantsTopicsOnly(String regex) {
        String scoped = ScopedRegex.in(SCOPE, regex);
        assertEquals(regex, ScopedRegex.out(SCOPE, scoped));
        for (String topic : List.of("a", "b", "orders", "A", "", "t-x")) {
            assertFalse(Pattern.compile(scoped).matcher(OTHER.in(topic)).matches(), topic);
        }
        assertFalse(Pattern.compile(scoped).matcher("a").matches());
    }

    @Test
    void expressionsMeanWithinTheirTenantWhatTheyMeanAlone() {
        String scoped = ScopedRegex.in(SCOPE, "a|b.*");
        assertTrue(Pattern.compile(scoped).matcher(SCOPE.in("a")).matches());
        assertTrue(Pattern.compile(scoped).matcher(SCOPE.in("bcd")).matches());
        assertFalse(Pattern.compile(scoped).matcher(SCOPE.in("ab")).matches());
        String longest = "a".repeat(1_001);
        assertThrows(InvalidRegularExpression.class, () -> ScopedRegex.in(SCOPE, longest));
    }

    @Test
    void whateverAnExpressionSaysTheGuardLetsOnlyConsumableTopicsThrough() {
        Principal who =
                new Principal(
                        Optional.of(ACME),
                        "key",
                        Role.CLIENT,
                        List.of(new Grant(Operation.CONSUME, Grant.Pattern.PREFIX, "or")));
        CallerContext context =
                new CallerContext(
                        new GroupCaller(who, "", InetAddress.getLoopbackAddress(), (short) 1),
                        ApiKeys.CONSUMER_GROUP_HEARTBEAT);
        List<AuthorizationResult> results =
                new TopicGuard()
                        .authorize(
                                context,
                                List.of(
                                        see(SCOPE.in("orders")),
                                        see(SCOPE.in("payments")),
                                        see(OTHER.in("orders")),
                                        see("orders")));
        assertEquals(
                List.of(
                        AuthorizationResult.ALLOWED,
                        AuthorizationResult.DENIED,
                        AuthorizationResult.DENIED,
                        AuthorizationResult.DENIED),
                results);
    }

    private static Action see(String topic) {
        return new Action(
                AclOperation.DESCRIBE,
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                1,
                true,
                true);
    }

    @Test
    void textsForPeopleAreInTheTenantsNames() {
        assertEquals(
                "Group g has no topic o.",
                SCOPE.text("Group " + SCOPE.in("g") + " has no topic " + SCOPE.in("o") + "."));
    }
}
