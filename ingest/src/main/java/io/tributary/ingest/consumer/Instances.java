package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.GroupOffsets.Offset;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.door.TenantCaller;
import io.tributary.ingest.group.GroupRights;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.time.Scheduler.Cancellable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumer instances of the groups this node coordinates. What an instance is lies in the
 * {@link InstanceLog}; here it lives between its calls. Thread-safe; blocks, on virtual threads.
 */
public final class Instances implements AutoCloseable {
    /** Instances of one group. */
    public static final int IN_GROUP = 500;

    /** Instances of one tenant. */
    public static final int OF_TENANT = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(Instances.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final ConsumerNode node;
    private final Map<InstanceKey, Tended> live = new ConcurrentHashMap<>();
    private final Map<Object, Integer> counts = new ConcurrentHashMap<>();
    private final Set<Integer> read = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Names a group. */
    private record Group(TenantId tenant, String name) {
        static Group of(InstanceKey key) {
            return new Group(key.tenant(), key.group());
        }
    }

    /** An instance with what is planned for it; the instance is there once it is stored. */
    private static final class Tended {
        private volatile Optional<Instance> instance = Optional.empty();
        private volatile Cancellable next = () -> {};
    }

    public Instances(ConsumerNode node) {
        this.node = node;
    }

    /** Begins to read what instances there are; calls are refused until that is done. */
    public void start() {
        for (int i = 0; i < node.log().partitions(); i++) {
            int partition = i;
            node.ingest().blocking().execute(() -> read(partition));
        }
    }

    private void read(int partition) {
        if (closed) {
            return;
        }
        try {
            Map<InstanceKey, InstanceRecord> all = node.log().read(partition);
            all.forEach(
                    (key, record) -> {
                        Tended tended = new Tended();
                        if (live.putIfAbsent(key, tended) == null) {
                            count(key, 1);
                            tended.instance = Optional.of(new Instance(node, key, record, true));
                            plan(tended, Duration.ZERO);
                        }
                    });
            read.add(partition);
            LOG.debug("consumer instances were read partition={} count={}", partition, all.size());
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "consumer instances cannot be read now partition={} problem={}",
                    partition,
                    e.toString());
            Cancellable _ = node.scheduler().after(RETRY, () -> read(partition));
        }
    }

    /** How many there are. */
    public int count() {
        return live.size();
    }

    /**
     * Makes an instance.
     *
     * @param name its own; empty for one that nobody has
     * @return its name
     */
    public String create(
            TenantCaller caller, String group, Optional<String> name, InstanceConfig config)
            throws IOException {
        InstanceKey.check("A group's name", group);
        name.ifPresent(given -> InstanceKey.check("name", given));
        if (!GroupRights.mayUse(caller.now())) {
            throw Refusals.denied();
        }
        InstanceKey key =
                new InstanceKey(
                        caller.tenant(), group, name.orElseGet(() -> "rest-consumer-" + random()));
        checkRead(key);
        Tended tended = new Tended();
        if (live.putIfAbsent(key, tended) != null) {
            throw Refusals.exists();
        }
        boolean stored = false;
        try {
            admit(key);
            InstanceRecord record =
                    new InstanceRecord(
                            config, random(), new Subscription.None(), List.of(), Map.of());
            node.log().write(key, Optional.of(record));
            tended.instance = Optional.of(new Instance(node, key, record, false));
            plan(tended, node.timeout());
            stored = true;
        } finally {
            if (!stored) {
                forget(key, tended);
            }
        }
        return key.name();
    }

    private String random() {
        RandomGenerator random = node.ingest().random();
        return new Uuid(random.nextLong(), random.nextLong()).toString();
    }

    /** Counts it, or refuses one too many. */
    private void admit(InstanceKey key) {
        count(key, 1);
        if (counts.getOrDefault(Group.of(key), 0) > IN_GROUP) {
            throw Refusals.tooMany("group", IN_GROUP);
        }
        if (counts.getOrDefault(key.tenant(), 0) > OF_TENANT) {
            throw Refusals.tooMany("tenant's groups", OF_TENANT);
        }
    }

    private void count(InstanceKey key, int more) {
        for (Object whose : new Object[] {Group.of(key), key.tenant()}) {
            counts.merge(whose, more, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    private void forget(InstanceKey key, Tended tended) {
        if (live.remove(key, tended)) {
            count(key, -1);
        }
        tended.next.cancel();
    }

    private void checkRead(InstanceKey key) {
        if (closed || !read.contains(node.log().partition(key))) {
            throw Refusals.notNow("consumer instances are being read.");
        }
    }

    /** An instance of the caller's tenant. */
    private Instance find(TenantCaller caller, String group, String name) {
        return tended(caller, group, name).instance.orElseThrow(Refusals::noInstance);
    }

    private Tended tended(TenantCaller caller, String group, String name) {
        InstanceKey key = new InstanceKey(caller.tenant(), group, name);
        checkRead(key);
        return Optional.ofNullable(live.get(key)).orElseThrow(Refusals::noInstance);
    }

    /** Ends an instance. */
    public void delete(TenantCaller caller, String group, String name) throws IOException {
        Tended tended = tended(caller, group, name);
        Instance instance = tended.instance.orElseThrow(Refusals::noInstance);
        instance.delete(caller);
        ended(tended, instance);
    }

    private void ended(Tended tended, Instance instance) {
        forget(instance.key(), tended);
        hurry(instance);
    }

    /** The group changes: its other instances are to hear of it soon. */
    private void hurry(Instance changed) {
        Group group = Group.of(changed.key());
        live.forEach(
                (key, tended) -> {
                    if (Group.of(key).equals(group) && !key.equals(changed.key())) {
                        tended.instance.ifPresent(
                                one ->
                                        node.ingest()
                                                .blocking()
                                                .execute(() -> tend(tended, one, true)));
                    }
                });
    }

    private void plan(Tended tended, Duration delay) {
        tended.instance.ifPresent(
                instance ->
                        tended.next =
                                node.scheduler().after(delay, () -> tend(tended, instance, false)));
    }

    private void tend(Tended tended, Instance instance, boolean atOnce) {
        if (closed) {
            return;
        }
        Duration next = RETRY;
        try {
            Optional<Duration> wanted = instance.tend(atOnce);
            if (wanted.isEmpty()) {
                ended(tended, instance);
                return;
            }
            next = wanted.get();
        } catch (RuntimeException e) {
            LOG.debug(
                    "a consumer instance cannot be tended now tenant={} group={} instance={}",
                    instance.key().tenant(),
                    instance.key().group(),
                    instance.key().name(),
                    e);
        }
        if (!atOnce) {
            plan(tended, next);
        }
    }

    /** Subscribes an instance to topics. */
    public void subscribe(TenantCaller caller, String group, String name, Subscription wanted)
            throws IOException {
        if (wanted instanceof Subscription.Matching(String pattern)) {
            Interest.check(pattern);
        }
        Instance instance = find(caller, group, name);
        instance.subscribe(caller, wanted);
        hurry(instance);
    }

    /** Ends an instance's subscription or assignment. */
    public void unsubscribe(TenantCaller caller, String group, String name) throws IOException {
        Instance instance = find(caller, group, name);
        instance.unsubscribe(caller);
        hurry(instance);
    }

    /** The topics an instance subscribes to. */
    public List<String> topics(TenantCaller caller, String group, String name) throws IOException {
        return find(caller, group, name).topics(caller);
    }

    /** Makes an instance read these partitions. */
    public void assign(TenantCaller caller, String group, String name, List<Place> places)
            throws IOException {
        find(caller, group, name).assign(caller, places);
    }

    /** The partitions an instance has. */
    public List<Place> assignment(TenantCaller caller, String group, String name)
            throws IOException {
        return find(caller, group, name).assignment(caller);
    }

    /** Commits these offsets, each that of the next record, or all that was returned. */
    public void commit(
            TenantCaller caller, String group, String name, Optional<Map<Place, Offset>> offsets)
            throws IOException {
        find(caller, group, name).commit(caller, offsets);
    }

    /** What the group has committed. */
    public Map<Place, Offset> committed(
            TenantCaller caller, String group, String name, Optional<List<Place>> places)
            throws IOException {
        return find(caller, group, name).committed(caller, places);
    }

    /** Makes an instance go on elsewhere. */
    public void seek(TenantCaller caller, String group, String name, Map<Place, Instance.Where> to)
            throws IOException {
        find(caller, group, name).seek(caller, to);
    }

    /** How an instance consumes. */
    public InstanceConfig config(TenantCaller caller, String group, String name) {
        return find(caller, group, name).config();
    }

    /** Returns an instance's next records. */
    public Poll.Returned poll(TenantCaller caller, String group, String name, Asked asked)
            throws IOException, InterruptedException {
        Instance instance = find(caller, group, name);
        Poll.Limits limits =
                new Poll.Limits(
                        asked.patience().orElse(instance.config().patience()),
                        instance.config().minBytes(),
                        asked.maxBytes());
        return new Poll(node, instance, caller, limits, asked.clientGone()).run();
    }

    /**
     * What a poll asks for.
     *
     * @param patience how long to wait; empty for as long as the instance always does
     */
    public record Asked(Optional<Duration> patience, int maxBytes, CountDownLatch clientGone) {}

    /** Ends what is planned; the instances stay where they lie. */
    @Override
    public void close() {
        closed = true;
        live.values().forEach(tended -> tended.next.cancel());
    }
}
