package io.tributary.server.node;

import io.tributary.server.option.NodeSettings;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.cache.CacheSettings;

/** What a node's options mean for storage. */
final class ConfiguredStorage {
    private ConfiguredStorage() {}

    static StorageSettings settings(NodeSettings settings) {
        NodeSettings.Storage storage = settings.storage();
        return new StorageSettings(
                settings.listener().host() + ":" + settings.listener().httpsPort(),
                storage.flushBytes().bytes(),
                storage.flushAge(),
                storage.backlogBytes().bytes(),
                storage.ledgerBytes().bytes(),
                storage.retryWindow(),
                settings.limits().retryKeysPerTenant(),
                storage.producerExpiration(),
                storage.orphanGrace(),
                new StorageSettings.Scrubbing(
                        storage.scrubInterval(), storage.scrubVerifyBytes().bytes()),
                new TierSettings(
                        storage.tier().zstdLevel(),
                        storage.tier().mergeObjects(),
                        storage.tier().mergeAge()));
    }

    static CacheSettings caches(NodeSettings settings) {
        NodeSettings.Storage storage = settings.storage();
        return new CacheSettings(
                storage.chunkCacheBytes().bytes(),
                storage.indexCacheBytes().bytes(),
                storage.readAheadBytes().bytes(),
                storage.localCacheBytes().bytes(),
                storage.localCacheFillBytes().bytes());
    }
}
