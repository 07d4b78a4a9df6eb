package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.object.ObjectStoreException.Kind;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3ObjectStoreTest extends ObjectStoreContract {
    private static final String BUCKET = "tributary-test";

    @TempDir Path blobs;
    private final ObjectStoreUsage usage = new ObjectStoreUsage();
    private S3Proxy proxy;

    @BeforeEach
    void startProxy() throws Exception {
        System.setProperty("aws.accessKeyId", "access");
        System.setProperty("aws.secretAccessKey", "secret");
        FilesystemNio2BlobStore store = new FilesystemNio2BlobStore(blobs.toString());
        store.createContainer(BUCKET);
        proxy =
                S3Proxy.builder()
                        .blobStore(store)
                        .endpoint(URI.create("http://127.0.0.1:0"))
                        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "access", "secret")
                        .build();
        proxy.start();
    }

    @AfterEach
    void stopProxy() throws Exception {
        proxy.stop();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @Override
    ObjectStore store() {
        return store(BUCKET);
    }

    private ObjectStore store(String bucket) {
        return new S3ObjectStore(
                new S3Settings(
                        bucket,
                        "/some/prefix/",
                        Optional.of(URI.create("http://127.0.0.1:" + proxy.getPort())),
                        "us-east-1",
                        true),
                usage);
    }

    @Test
    void wrongBucketIsAMatterForTheOperator() {
        try (ObjectStore store = store("no-such-bucket")) {
            assertEquals(
                    Kind.DENIED, assertThrows(ObjectStoreException.class, store::check).kind());
        }
    }

    @Test
    void wrongSecretIsAMatterForTheOperator() {
        System.setProperty("aws.secretAccessKey", "wrong");
        try (ObjectStore store = store()) {
            assertEquals(
                    Kind.DENIED, assertThrows(ObjectStoreException.class, store::check).kind());
        }
    }

    @Test
    void storeThatIsAwayCanBeTriedAgain() throws Exception {
        try (ObjectStore store = store()) {
            proxy.stop();
            assertEquals(
                    Kind.UNAVAILABLE,
                    assertThrows(ObjectStoreException.class, store::check).kind());
        }
    }

    @Test
    void everyRequestThatIsSentIsHeardOf() throws Exception {
        Path large = blobs.resolveSibling("large");
        Files.write(large, new byte[S3MultipartUpload.PART_BYTES + 1]);
        ObjectStoreUsage.Share share = usage.of(Optional.of(new ShardId(3)));
        try (ObjectStore store = new ObjectStoreCounts(store(), usage)) {
            store.put("objects/3/small", ByteBuffer.wrap(new byte[7]));
            assertEquals(1, share.requests(RequestKind.PUT));
            store.put("objects/3/large", large);
            // Begin, two parts, end; and a look whether the key is free.
            assertEquals(1 + 4, share.requests(RequestKind.PUT));
            assertEquals(1, share.requests(RequestKind.GET));
            assertEquals(7 + Files.size(large), share.bytes(RequestKind.PUT));
            store.get("objects/3/large", 5, 10);
            assertEquals(2, share.requests(RequestKind.GET));
            assertEquals(10, share.bytes(RequestKind.GET));
            store.delete(List.of("objects/3/small", "objects/3/large"));
            assertEquals(2, share.requests(RequestKind.DELETE));
            store.list("objects/3/", Optional.empty(), 10);
            assertEquals(1, share.requests(RequestKind.LIST));
            proxy.stop();
            assertThrows(
                    ObjectStoreException.class,
                    () -> store.list("objects/3/", Optional.empty(), 10));
        }
        assertEquals(1 + 3, share.requests(RequestKind.LIST));
        assertEquals(2, share.retries(RequestKind.LIST));
        assertEquals(1, share.failures(RequestKind.LIST));
        assertEquals(0, usage.of(Optional.empty()).requests(RequestKind.PUT));
    }
}
