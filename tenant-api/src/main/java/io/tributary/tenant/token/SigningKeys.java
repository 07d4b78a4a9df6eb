package io.tributary.tenant.token;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys tokens are signed with: elliptic curve P-256, a new one every day. A key is published
 * before it signs, so that whoever has cached the key set knows it by then, and until its tokens
 * are over; then it is deleted. All nodes share the keys through the records. Thread-safe.
 */
public final class SigningKeys {
    /** How long the published key set may be cached. */
    static final Duration CACHED_FOR = Duration.ofSeconds(60);

    /** A key signs this long after it was made, unless it is the only one. */
    static final Duration SIGNS_AFTER = CACHED_FOR.multipliedBy(5);

    static final Duration ROTATED_AFTER = Duration.ofHours(24);

    private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);
    private static final String ROOT = "/signing-keys";

    /** How often an unknown key id may make us look for new keys. */
    private static final Duration RELOAD_PAUSE = Duration.ofSeconds(1);

    private final VersionedRecords records;
    private final InstantSource clock;
    private final Duration tokenLifetime;

    /** By age, the oldest first. */
    private volatile List<SigningKey> keys = List.of();

    private Instant loadedAt = Instant.MIN;

    /** A key pair and its id. */
    public record SigningKey(String id, KeyPair pair, Instant createdAt) {}

    public SigningKeys(VersionedRecords records, InstantSource clock, Duration tokenLifetime) {
        this.records = records;
        this.clock = clock;
        this.tokenLifetime = tokenLifetime;
    }

    /** The key to sign with; makes its successor where it is time, and deletes what is over. */
    public synchronized SigningKey current() throws IOException {
        Instant now = clock.instant();
        if (due(now)) {
            load(now);
        }
        if (due(now)) {
            rotate(now);
            load(now);
        }
        retire(now);
        return keys.stream()
                .filter(key -> !now.isBefore(key.createdAt().plus(SIGNS_AFTER)))
                .reduce((older, newer) -> newer)
                .or(() -> keys.stream().findFirst())
                .orElseThrow(() -> new IOException("no signing key could be made"));
    }

    /** The key of this id, if it is one of ours and its tokens may still live. */
    public Optional<SigningKey> find(String id) throws IOException {
        Optional<SigningKey> known = known(id);
        if (known.isPresent()) {
            return known;
        }
        synchronized (this) {
            Instant now = clock.instant();
            if (loadedAt.equals(Instant.MIN)
                    || Duration.between(loadedAt, now).compareTo(RELOAD_PAUSE) >= 0) {
                load(now);
            }
        }
        return known(id);
    }

    /** Every key whose tokens live or will, the oldest first. */
    public synchronized List<SigningKey> all() throws IOException {
        current();
        return keys;
    }

    private Optional<SigningKey> known(String id) {
        List<SigningKey> present = keys;
        Instant now = clock.instant();
        return present.stream()
                .filter(key -> key.id().equals(id) && !over(key, present, now))
                .findFirst();
    }

    private boolean due(Instant now) {
        return keys.isEmpty()
                || !now.isBefore(keys.getLast().createdAt().plus(ROTATED_AFTER).minus(SIGNS_AFTER));
    }

    /** Whether the next key signs for so long that no token of this one lives. */
    private boolean over(SigningKey key, List<SigningKey> all, Instant now) {
        Duration afterNext = SIGNS_AFTER.plus(tokenLifetime).plus(Tokens.CLOCK_SKEW);
        return all.stream()
                .filter(next -> next.createdAt().isAfter(key.createdAt()))
                .findFirst()
                .filter(next -> !now.isBefore(next.createdAt().plus(afterNext)))
                .isPresent();
    }

    private void retire(Instant now) throws IOException {
        List<SigningKey> over = keys.stream().filter(key -> over(key, keys, now)).toList();
        for (SigningKey key : over) {
            // Where it is gone already, another node was first.
            records.apply(List.of(new Change.Delete(path(key.id()))));
        }
        if (!over.isEmpty()) {
            keys = keys.stream().filter(key -> !over.contains(key)).toList();
        }
    }

    private void rotate(Instant now) throws IOException {
        if (records.read(ROOT).isEmpty()) {
            records.apply(List.of(new Change.Create(ROOT, new byte[0])));
        }
        KeyPair pair = generate();
        Base64.Encoder base64 = Base64.getEncoder();
        String value =
                String.join(
                        " ",
                        "1",
                        now.toString(),
                        base64.encodeToString(pair.getPublic().getEncoded()),
                        base64.encodeToString(pair.getPrivate().getEncoded()));
        // The millisecond is the id: of two nodes that rotate at once, one makes the key.
        String id = "k" + Long.toString(now.toEpochMilli(), 36);
        records.apply(
                List.of(new Change.Create(path(id), value.getBytes(StandardCharsets.US_ASCII))));
        LOG.info("token signing key made key={}", id);
    }

    private void load(Instant now) throws IOException {
        List<SigningKey> loaded = new ArrayList<>();
        for (String id : records.children(ROOT)) {
            Optional<VersionedRecord> record = records.read(path(id));
            if (record.isPresent()) {
                loaded.add(parse(id, record.get().value()));
            }
        }
        loaded.sort(Comparator.comparing(SigningKey::createdAt));
        keys = List.copyOf(loaded);
        loadedAt = now;
    }

    private static SigningKey parse(String id, byte[] value) throws IOException {
        String[] fields = new String(value, StandardCharsets.US_ASCII).split(" ", -1);
        try {
            if (fields.length != 4 || !fields[0].equals("1")) {
                throw new IllegalArgumentException("unknown version");
            }
            KeyFactory factory = KeyFactory.getInstance("EC");
            Base64.Decoder base64 = Base64.getDecoder();
            return new SigningKey(
                    id,
                    new KeyPair(
                            factory.generatePublic(
                                    new X509EncodedKeySpec(base64.decode(fields[2]))),
                            factory.generatePrivate(
                                    new PKCS8EncodedKeySpec(base64.decode(fields[3])))),
                    Instant.parse(fields[1]));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IOException("metadata record " + path(id) + " is damaged", e);
        }
    }

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has P-256", e);
        }
    }

    private static String path(String id) {
        return ROOT + "/" + id;
    }
}
