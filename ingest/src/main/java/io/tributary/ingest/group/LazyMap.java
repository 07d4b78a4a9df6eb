package io.tributary.ingest.group;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.server.immutable.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * A map whose values are looked up when they are asked for, and whose keys when they are listed.
 */
final class LazyMap<K, V> extends AbstractMap<K, V> implements ImmutableMap<K, V> {
    private final Function<Object, @Nullable V> find;
    private final Supplier<? extends Collection<K>> list;

    LazyMap(Function<Object, @Nullable V> find, Supplier<? extends Collection<K>> list) {
        this.find = find;
        this.list = list;
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        return key == null ? null : find.apply(key);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    /** Nobody may take it for one without topics, whose consumers would drop everything. */
    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public Set<K> keySet() {
        Collection<K> keys = list.get();
        return new AbstractSet<>() {
            @Override
            public Iterator<K> iterator() {
                return keys.iterator();
            }

            @Override
            public int size() {
                return keys.size();
            }
        };
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        throw new UnsupportedOperationException("nobody reads all topics");
    }

    @Override
    public ImmutableMap<K, V> updated(K key, V value) {
        throw new UnsupportedOperationException("topics change in the metadata");
    }

    @Override
    public ImmutableMap<K, V> removed(K key) {
        throw new UnsupportedOperationException("topics change in the metadata");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "looked up when asked for";
    }
}
