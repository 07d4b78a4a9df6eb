package io.tributary.storage.cache;

import io.tributary.storage.object.ObjectId;

/** Consecutive bytes of an object; what a piece is known by in every cache. */
record Extent(ObjectId object, long position, int lengthBytes) {
    long end() {
        return position + lengthBytes;
    }

    boolean isFollowedBy(Extent next) {
        return object.equals(next.object) && end() == next.position;
    }
}
