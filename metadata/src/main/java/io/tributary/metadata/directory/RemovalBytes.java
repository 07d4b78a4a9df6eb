package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics.Removal;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The record of a removal: how the topic went, {@code a} for alone and {@code t} for with its
 * tenant, then tenant and name with a slash between. Earlier releases wrote nothing or {@code t}.
 */
final class RemovalBytes {
    private static final char ALONE = 'a';
    private static final char WITH_TENANT = 't';
    private static final char SLASH = '/';

    private RemovalBytes() {}

    static byte[] write(Topic topic, boolean withTenant) {
        String text =
                (withTenant ? WITH_TENANT : ALONE) + topic.tenant().value() + SLASH + topic.name();
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Removal read(TopicId topic, byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        boolean withTenant = !text.isEmpty() && text.charAt(0) == WITH_TENANT;
        int slash = text.indexOf(SLASH);
        return new Removal(
                topic,
                withTenant,
                slash < 0
                        ? Optional.empty()
                        : Optional.of(
                                new Removal.Named(
                                        new TenantId(text.substring(1, slash)),
                                        text.substring(slash + 1))));
    }
}
