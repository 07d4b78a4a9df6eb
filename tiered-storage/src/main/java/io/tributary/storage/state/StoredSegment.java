package io.tributary.storage.state;

import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;

/** A segment in the object store, and the object that holds it. */
public record StoredSegment(ObjectId object, long objectBytes, SegmentInfo info) {}
