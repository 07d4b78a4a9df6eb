package io.tributary.storage.object;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/**
 * The object tier on an S3-compatible store. Uses only what every such store has; a conditional put
 * guards against overwriting where the store knows it, and keys are unique anyway.
 *
 * <p>The URL-connection client is the lightest of the SDK's; its thread is the caller's.
 */
public final class S3ObjectStore implements ObjectStore {
    private static final String CRC32C = "crc32c";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_ATTEMPTS = 3;

    /** How long a read may take, and so much longer as the store is this slow. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    private static final int SLOWEST_BYTES_PER_MILLI = 256;

    /** Connections that stay open between requests; the JDK keeps five unless it is told. */
    private static final String MAX_CONNECTIONS = "http.maxConnections";

    private final S3Client client;
    private final S3Settings settings;

    private final Duration answerTimeout;

    /**
     * Opens a client; nothing is asked of the store yet.
     *
     * @param requests hears of every request that is sent
     */
    public S3ObjectStore(S3Settings settings, RequestListener requests) {
        this(settings, requests, ANSWER_TIMEOUT);
    }

    /** With a limit of its own for how long a read may take. */
    S3ObjectStore(S3Settings settings, RequestListener requests, Duration answerTimeout) {
        this.settings = settings;
        this.answerTimeout = answerTimeout;
        System.setProperty(MAX_CONNECTIONS, System.getProperty(MAX_CONNECTIONS, "64"));
        S3ClientBuilder builder =
                S3Client.builder()
                        .region(Region.of(settings.region()))
                        .forcePathStyle(settings.pathStyle())
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(CONNECT_TIMEOUT)
                                        .socketTimeout(READ_TIMEOUT))
                        .overrideConfiguration(
                                o ->
                                        o.retryStrategy(
                                                        software.amazon.awssdk.retries
                                                                .StandardRetryStrategy.builder()
                                                                .maxAttempts(MAX_ATTEMPTS)
                                                                .build())
                                                .addExecutionInterceptor(
                                                        new S3Requests(requests, inBucket(""))));
        settings.endpoint().ifPresent(builder::endpointOverride);
        client = builder.build();
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    @Override
    public void put(String key, Path file) throws IOException {
        long size = Files.size(file);
        long crc = crc(file);
        if (size > S3MultipartUpload.PART_BYTES) {
            putParts(key, file, size, crc);
        } else {
            put(key, RequestBody.fromFile(file), size, crc);
        }
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        byte[] content = new byte[bytes.remaining()];
        bytes.duplicate().get(content);
        CRC32C crc = new CRC32C();
        crc.update(content);
        put(key, RequestBody.fromBytes(content), content.length, crc.getValue());
    }

    private void put(String key, RequestBody body, long size, long crc) throws IOException {
        try {
            call(
                    key,
                    () ->
                            client.putObject(
                                    r ->
                                            r.bucket(settings.bucket())
                                                    .key(path(key))
                                                    .ifNoneMatch("*")
                                                    .metadata(metadata(crc)),
                                    body));
        } catch (ObjectStoreException e) {
            settle(key, size, crc, e, body);
        }
    }

    /** A put that was refused because the key is taken has succeeded if the same lies there. */
    private void settle(
            String key, long size, long crc, ObjectStoreException refused, RequestBody body)
            throws IOException {
        switch (refused.kind()) {
            case EXISTS -> {
                if (!holds(key, size, crc)) {
                    throw refused;
                }
            }
            case UNSUPPORTED -> {
                if (holds(key, size, crc)) {
                    return;
                }
                call(
                        key,
                        () ->
                                client.putObject(
                                        r ->
                                                r.bucket(settings.bucket())
                                                        .key(path(key))
                                                        .metadata(metadata(crc)),
                                        body));
            }
            case UNAVAILABLE, MISSING, DENIED, CORRUPT -> throw refused;
        }
    }

    private void putParts(String key, Path file, long size, long crc) throws IOException {
        if (exists(key)) {
            if (holds(key, size, crc)) {
                return;
            }
            throw new ObjectStoreException(Kind.EXISTS, "object " + key + " exists");
        }
        S3MultipartUpload upload = new S3MultipartUpload(client, settings.bucket(), path(key));
        call(
                key,
                () -> {
                    upload.put(file, size, metadata(crc));
                    return upload;
                });
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        return get(key, offset, List.of(length)).getFirst();
    }

    @Override
    public List<ByteBuffer> get(String key, long offset, List<Integer> lengths) throws IOException {
        int length = lengths.stream().mapToInt(Integer::intValue).sum();
        if (length == 0) {
            return lengths.stream().map(ByteBuffer::allocate).toList();
        }
        Duration timeout = answerTimeout.plusMillis(length / SLOWEST_BYTES_PER_MILLI);
        String range = "bytes=" + offset + "-" + (offset + length - 1);
        Body body =
                call(
                        key,
                        () ->
                                client.getObject(
                                        r ->
                                                r.bucket(settings.bucket())
                                                        .key(path(key))
                                                        .range(range)
                                                        .overrideConfiguration(
                                                                o ->
                                                                        o.apiCallAttemptTimeout(
                                                                                timeout)),
                                        (answer, in) -> body(answer, in, length, lengths)));
        if (body.announcedBytes() != length) {
            throw new ObjectStoreException(
                    Kind.CORRUPT,
                    "asked for "
                            + length
                            + " bytes of "
                            + key
                            + " from "
                            + offset
                            + ", got "
                            + body.announcedBytes());
        }
        return body.parts();
    }

    /** An answer: how long it said it was, and its parts where that was what was asked for. */
    private record Body(long announcedBytes, List<ByteBuffer> parts) {}

    /** Reads the body into its place; what breaks off on the way is asked for again. */
    private static Body body(
            GetObjectResponse answer, AbortableInputStream in, int length, List<Integer> lengths) {
        if (answer.contentLength() != length) {
            in.abort();
            return new Body(answer.contentLength(), List.of());
        }
        List<ByteBuffer> parts = new ArrayList<>(lengths.size());
        int got = 0;
        for (int part : lengths) {
            byte[] bytes = new byte[part];
            try {
                got += in.readNBytes(bytes, 0, part);
            } catch (IOException e) {
                throw RetryableException.create("the answer broke off: " + e.getMessage(), e);
            }
            parts.add(ByteBuffer.wrap(bytes));
        }
        if (got != length) {
            throw RetryableException.create(
                    "the answer ended after " + got + " of " + length + " bytes");
        }
        return new Body(length, parts);
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        int strip = inBucket("").length();
        ListObjectsV2Request.Builder request =
                ListObjectsV2Request.builder()
                        .bucket(settings.bucket())
                        .prefix(inBucket(prefix))
                        .maxKeys(limit);
        after.ifPresent(key -> request.startAfter(inBucket(key)));
        return call(prefix, () -> client.listObjectsV2(request.build())).contents().stream()
                .map(o -> new ObjectInfo(o.key().substring(strip), o.size(), o.lastModified()))
                .toList();
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        for (String key : keys) {
            call(key, () -> client.deleteObject(r -> r.bucket(settings.bucket()).key(path(key))));
        }
    }

    @Override
    public void check() throws IOException {
        list("", Optional.empty(), 1);
    }

    @Override
    public void close() {
        client.close();
    }

    private boolean exists(String key) throws IOException {
        return head(key).isPresent();
    }

    private boolean holds(String key, long size, long crc) throws IOException {
        Optional<HeadObjectResponse> there = head(key);
        return there.isPresent()
                && there.get().contentLength() == size
                && Long.toHexString(crc).equals(there.get().metadata().get(CRC32C));
    }

    private Optional<HeadObjectResponse> head(String key) throws IOException {
        try {
            return Optional.of(
                    call(
                            key,
                            () ->
                                    client.headObject(
                                            r -> r.bucket(settings.bucket()).key(path(key)))));
        } catch (ObjectStoreException e) {
            if (e.kind() == Kind.MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Map<String, String> metadata(long crc) {
        return Map.of(CRC32C, Long.toHexString(crc));
    }

    /** An object's key in the bucket. */
    private String path(String key) {
        return inBucket(ObjectKeys.check(key));
    }

    private String inBucket(String key) {
        return settings.prefix().isEmpty() ? key : settings.prefix() + "/" + key;
    }

    private <T> T call(String key, Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (SdkException e) {
            throw new ObjectStoreException(
                    S3Failures.kind(e), where(key) + ": " + e.getMessage(), e);
        }
    }

    private String where(String key) {
        return "s3://"
                + settings.bucket()
                + "/"
                + inBucket(key)
                + settings.endpoint().map(uri -> " at " + uri).orElse("");
    }

    private static long crc(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return crc.getValue();
    }
}
