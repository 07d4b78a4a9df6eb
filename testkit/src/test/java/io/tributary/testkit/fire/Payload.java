package io.tributary.testkit.fire;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Values that tell who sent them and whether they came back as they were. */
final class Payload {
    private static final int LONGEST_FILLER = 800;

    private Payload() {}

    /** The one value that belongs to this id, which holds no space. */
    static String of(String id) {
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(id.hashCode());
        return of(id, random.nextInt(LONGEST_FILLER));
    }

    /** A value of this many letters behind its id, which do not compress much. */
    static String of(String id, int letters) {
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(id.hashCode());
        StringBuilder text = new StringBuilder(id).append(' ');
        for (int i = 0; i < letters; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    /** The id of a value, which must be whole. */
    static String id(String value) {
        int end = value.indexOf(' ');
        String id = end < 0 ? value : value.substring(0, end);
        if (end < 0 || !value.equals(of(id, value.length() - end - 1))) {
            throw new AssertionError("a value came back changed: " + value);
        }
        return id;
    }
}
