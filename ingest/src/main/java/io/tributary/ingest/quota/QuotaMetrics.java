package io.tributary.ingest.quota;

import io.tributary.metadata.quota.Quota;
import java.time.Duration;

/** Told of what quotas did. Thread-safe; must not block. */
public interface QuotaMetrics {
    /** Somebody is made to wait so long. */
    void throttled(Quota quota, Duration wait);

    /** A request or connection was refused. */
    void refused(Quota quota);
}
