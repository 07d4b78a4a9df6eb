package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.net.URI;
import java.nio.file.Path;
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
                        true));
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
}
