package io.tributary.server.node;

import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.OptionException;
import io.tributary.storage.object.DirectoryObjectStore;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.RequestListener;
import io.tributary.storage.object.S3ObjectStore;
import io.tributary.storage.object.S3Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Opens the object store the settings name. */
public final class ObjectStores {
    private ObjectStores() {}

    /** Opens a store for a node whose data lies in this folder. */
    public static ObjectStore open(
            Path data, NodeSettings.Objects settings, RequestListener requests) throws IOException {
        if (settings.location().isEmpty()) {
            return new DirectoryObjectStore(data.resolve("object-store"));
        }
        URI location = settings.location().get();
        if ("file".equals(location.getScheme())) {
            try {
                return new DirectoryObjectStore(Path.of(location.getPath()));
            } catch (IOException e) {
                throw new OptionException(
                        "Option --object-store names a folder that cannot be used: " + e);
            }
        }
        return s3(location, settings, requests);
    }

    /** Opens a store that a node may be using, for reading only. */
    public static ObjectStore reading(NodeSettings.Objects settings, RequestListener requests) {
        URI location = settings.location().orElseThrow();
        return "file".equals(location.getScheme())
                ? DirectoryObjectStore.reading(Path.of(location.getPath()))
                : s3(location, settings, requests);
    }

    private static ObjectStore s3(
            URI location, NodeSettings.Objects settings, RequestListener requests) {
        return new S3ObjectStore(
                new S3Settings(
                        location.getAuthority(),
                        location.getPath() == null ? "" : location.getPath(),
                        settings.s3Endpoint(),
                        settings.s3Region(),
                        settings.s3PathStyle().orElse(settings.s3Endpoint().isPresent())),
                requests);
    }
}
