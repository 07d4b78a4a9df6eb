package io.tributary.testkit;

import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.Result;
import io.minio.messages.Item;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** An S3-protocol server with credentials, and MinIO's client as a second eye on its bucket. */
public final class S3 implements AutoCloseable {
    private static final String ACCESS = "tributary-access";
    private static final String SECRET = "tributary-secret";
    private static final String BUCKET = "tributary";

    private final FilesystemNio2BlobStore blobs;
    private S3Proxy proxy;
    private int port;

    /** Starts over a folder, with an empty bucket. */
    public S3(Path folder) throws Exception {
        blobs = new FilesystemNio2BlobStore(folder.toString());
        blobs.createContainer(BUCKET);
        start();
    }

    /** Serves again, under the same address as before. */
    public void start() throws Exception {
        proxy =
                S3Proxy.builder()
                        .blobStore(blobs)
                        .endpoint(URI.create("http://127.0.0.1:" + port))
                        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS, SECRET)
                        .build();
        proxy.start();
        port = proxy.getPort();
    }

    /** Is away until started again. */
    public void stop() throws Exception {
        proxy.stop();
    }

    /** The service's options to keep its objects here. */
    public String[] options() {
        return new String[] {
            "--object-store=s3://" + BUCKET + "/some/prefix", "--s3-endpoint=" + endpoint()
        };
    }

    /** The service's credentials. */
    public Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", ACCESS, "AWS_SECRET_ACCESS_KEY", SECRET);
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** Keys and sizes of what lies in the bucket, as MinIO's client sees it. */
    public SortedMap<String, Long> content() throws IOException {
        return content(
                MinioClient.builder().endpoint(endpoint()).credentials(ACCESS, SECRET).build(),
                BUCKET);
    }

    /** Keys and sizes of what lies in a bucket. */
    public static SortedMap<String, Long> content(MinioClient client, String bucket)
            throws IOException {
        SortedMap<String, Long> found = new TreeMap<>();
        for (Result<Item> result :
                client.listObjects(
                        ListObjectsArgs.builder().bucket(bucket).recursive(true).build())) {
            try {
                Item item = result.get();
                found.put(item.objectName(), item.size());
            } catch (io.minio.errors.MinioException e) {
                throw new IOException(e);
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        try {
            proxy.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
