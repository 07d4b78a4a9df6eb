package io.tributary.ingest.kafka.config;

import io.tributary.ingest.kafka.cluster.Cluster;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/** Names of what has configs, as Kafka takes and refuses them. */
final class Resources {
    private Resources() {}

    /** True for this node; false where no broker is named and the whole cluster is meant. */
    static boolean isOneBroker(String name) {
        if (name.isEmpty()) {
            return false;
        }
        if (!name.equals(Integer.toString(Cluster.NODE_ID))) {
            throw Errors.INVALID_REQUEST.exception(
                    "The cluster's one broker is "
                            + Cluster.NODE_ID
                            + ": expected that, or an empty name for the whole cluster.");
        }
        return true;
    }

    static void requireName(String what, String name) {
        if (name.isEmpty()) {
            throw Errors.INVALID_REQUEST.exception(what + " name must not be empty.");
        }
    }

    static ApiException unsupported(byte type) {
        return Errors.INVALID_REQUEST.exception("Resources of type " + type + " have no configs.");
    }
}
