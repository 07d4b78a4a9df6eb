package io.tributary.storage.object;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** Brings a large file into a bucket, part by part; it is there whole or not at all. Blocks. */
final class S3MultipartUpload {
    /** Larger files go up in parts of this size. */
    static final int PART_BYTES = 16 << 20;

    private final S3Client client;
    private final String bucket;
    private final String path;

    S3MultipartUpload(S3Client client, String bucket, String path) {
        this.client = client;
        this.bucket = bucket;
        this.path = path;
    }

    /**
     * Uploads the file.
     *
     * @throws SdkException the store refused or did not answer
     */
    void put(Path file, long size, Map<String, String> metadata) throws IOException {
        String upload =
                client.createMultipartUpload(r -> r.bucket(bucket).key(path).metadata(metadata))
                        .uploadId();
        boolean complete = false;
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < size; from += PART_BYTES) {
                int length = (int) Math.min(PART_BYTES, size - from);
                parts.add(part(upload, parts.size() + 1, read(file, from, length)));
            }
            client.completeMultipartUpload(
                    r ->
                            r.bucket(bucket)
                                    .key(path)
                                    .uploadId(upload)
                                    .multipartUpload(m -> m.parts(parts)));
            complete = true;
        } finally {
            if (!complete) {
                abort(upload);
            }
        }
    }

    private CompletedPart part(String upload, int number, byte[] bytes) {
        String tag =
                client.uploadPart(
                                r -> r.bucket(bucket).key(path).uploadId(upload).partNumber(number),
                                RequestBody.fromBytes(bytes))
                        .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    private void abort(String upload) {
        try {
            client.abortMultipartUpload(r -> r.bucket(bucket).key(path).uploadId(upload));
        } catch (SdkException e) {
            // The put fails with its own reason; the bucket's rule for unfinished uploads, or
            // the next put of the same key, deals with the parts.
            return;
        }
    }

    private static byte[] read(Path file, long from, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return Channels.newInputStream(channel.position(from)).readNBytes(length);
        }
    }
}
