package io.tributary.tenant.access;

import io.tributary.metadata.access.ApiKey;

/** A key just made, with the secret that is shown this once. */
public record NewKey(ApiKey key, String secret) {}
