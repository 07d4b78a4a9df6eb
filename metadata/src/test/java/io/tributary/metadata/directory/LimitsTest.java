package io.tributary.metadata.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.metadata.zookeeper.EmbeddedZooKeeper;
import io.tributary.metadata.zookeeper.ZooKeeperRecords;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits, as two nodes with many callers each come up to them at the same moment. */
class LimitsTest {
    private static final TenantId ACME = new TenantId("t-acmeacmeacmeacme");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final int CALLERS = 40;

    @TempDir Path folder;
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    private final List<ZooKeeperRecords> connections = new ArrayList<>();
    private final List<Directory> nodes = new ArrayList<>();
    private EmbeddedZooKeeper server;

    @BeforeEach
    void start() throws Exception {
        server = new EmbeddedZooKeeper(folder, random);
        for (int i = 0; i < 2; i++) {
            connections.add(
                    ZooKeeperRecords.connect(
                            new ZooKeeperRecords.Connection(
                                    server.connectString(),
                                    Optional.of(server.secret()),
                                    Duration.ofSeconds(10))));
            nodes.add(new Directory(connections.get(i), Runnable::run));
        }
        assertTrue(nodes.getFirst().tenants().add(tenant(ACME), key(0, ACME, Role.ADMIN), 10));
    }

    @AfterEach
    void stop() throws Exception {
        connections.forEach(ZooKeeperRecords::close);
        server.close();
    }

    private static Tenant tenant(TenantId id) {
        return new Tenant(id, "acme", Tenant.State.ACTIVE, NOW);
    }

    private static String id(int number) {
        return "%16s"
                .formatted(Integer.toString(number, 8).replace('0', 'A').replace('1', 'B'))
                .replace(' ', 'A');
    }

    private ApiKey key(int number, TenantId tenant, Role role) {
        return new ApiKey(
                id(number),
                Optional.of(tenant),
                role,
                SecretHash.of("s", random),
                "",
                List.of(),
                NOW,
                Optional.empty(),
                Optional.empty());
    }

    private static Topic topic(int number, int partitions) {
        return new Topic(
                new TopicId(new UUID(number, number)),
                ACME,
                "t" + number,
                Collections.nCopies(partitions, new ShardId(0)),
                Map.of(),
                NOW);
    }

    private interface Call<T> {
        T on(Directory node, int number) throws Exception;
    }

    /** What all callers get, half of them on each node. */
    private <T> List<T> atOnce(Call<T> call) throws Exception {
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 1; i <= CALLERS; i++) {
            int number = i;
            calls.add(() -> call.on(nodes.get(number % 2), number));
        }
        List<T> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
            for (Future<T> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }

    private List<Topics.Addition> added(Topics.Limits limits, int partitions) throws Exception {
        return atOnce((node, number) -> node.topics().add(topic(number, partitions), limits));
    }

    @Test
    void topicsAreAddedUpToTheLimitAndAgainWhenSomeAreGone() throws Exception {
        Topics.Limits limits = new Topics.Limits(10, 1_000);
        List<Topics.Addition> answers = added(limits, 1);
        assertEquals(10, Collections.frequency(answers, Topics.Addition.DONE));
        assertEquals(30, Collections.frequency(answers, Topics.Addition.TOO_MANY_TOPICS));
        assertEquals(10, nodes.getFirst().topics().list(ACME).size());

        List<Optional<Topic>> gone =
                atOnce((node, number) -> node.topics().remove(ACME, "t" + number));
        assertEquals(10, gone.stream().filter(Optional::isPresent).count());
        assertEquals(10, Collections.frequency(added(limits, 1), Topics.Addition.DONE));
    }

    @Test
    void partitionsOfAllTopicsTogetherAreBounded() throws Exception {
        List<Topics.Addition> answers = added(new Topics.Limits(1_000, 50), 7);
        assertEquals(7, Collections.frequency(answers, Topics.Addition.DONE));
        assertEquals(33, Collections.frequency(answers, Topics.Addition.TOO_MANY_PARTITIONS));
    }

    @Test
    void oneOfManyGetsAName() throws Exception {
        List<Topics.Addition> answers =
                atOnce(
                        (node, number) ->
                                node.topics()
                                        .add(
                                                new Topic(
                                                        new TopicId(new UUID(number, 1)),
                                                        ACME,
                                                        "same",
                                                        List.of(new ShardId(0)),
                                                        Map.of(),
                                                        NOW),
                                                new Topics.Limits(1, 1)));
        assertEquals(1, Collections.frequency(answers, Topics.Addition.DONE));
        assertEquals(39, Collections.frequency(answers, Topics.Addition.EXISTS));
    }

    @Test
    void keysAreAddedUpToTheLimit() throws Exception {
        List<Boolean> answers =
                atOnce((node, number) -> node.apiKeys().add(key(number, ACME, Role.CLIENT), 10));
        assertEquals(9, Collections.frequency(answers, true));
        assertEquals(10, nodes.getFirst().apiKeys().list(ACME).size());
    }

    @Test
    void oneAdministratorStaysHoweverManyGoAtOnce() throws Exception {
        atOnce((node, number) -> node.apiKeys().add(key(number, ACME, Role.ADMIN), 1_000));
        nodes.getFirst().apiKeys().remove(ACME, id(0));
        List<ApiKeys.Removal> answers =
                atOnce((node, number) -> node.apiKeys().remove(ACME, id(number)));
        assertEquals(39, Collections.frequency(answers, ApiKeys.Removal.DONE));
        assertEquals(1, Collections.frequency(answers, ApiKeys.Removal.LAST));
    }

    @Test
    void tenantsAreAddedUpToTheLimit() throws Exception {
        List<Boolean> answers =
                atOnce(
                        (node, number) -> {
                            TenantId id = new TenantId("t-" + id(number).toLowerCase(Locale.ROOT));
                            return node.tenants().add(tenant(id), key(number, id, Role.ADMIN), 10);
                        });
        assertEquals(9, Collections.frequency(answers, true));
    }
}
