package io.tributary.ingest.consumer;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import java.time.Duration;
import java.util.Optional;

/** What REST Proxy v2 says of what it cannot do, with its codes. */
public final class Refusals {
    private static final Duration SOON = Duration.ofSeconds(1);

    private Refusals() {}

    public static Problem noTopic() {
        return Problem.of(404, 40401, "Topic not found.");
    }

    public static Problem noPartition() {
        return Problem.of(404, 40402, "Partition not found.");
    }

    static ProblemException noInstance() {
        return Problem.of(404, 40403, "Consumer instance not found.").asException();
    }

    static ProblemException exists() {
        return Problem.of(
                        409,
                        40902,
                        "Consumer with specified consumer ID already exists in the specified"
                                + " consumer group.")
                .asException();
    }

    /** Something the instance cannot do as it is. */
    public static ProblemException illegalState(String message) {
        return Problem.of(409, 40903, "Illegal state: " + message).asException();
    }

    static ProblemException denied() {
        return Problem.of(403, 40301, "Not authorized to access this topic.").asException();
    }

    /** A config that is not one, or not of a form it can have. */
    public static ProblemException config(String message) {
        return Problem.of(422, 42204, "Invalid consumer configuration: " + message).asException();
    }

    /** A config beyond its bounds. */
    public static ProblemException constraint(String message) {
        return Problem.of(
                        400,
                        40001,
                        "Invalid consumer configuration. It does not abide by the constraints: "
                                + message)
                .asException();
    }

    static ProblemException notInFormat(String what) {
        return Problem.of(422, 42203, "Conversion of JSON to Object failed: " + what).asException();
    }

    static ProblemException tooMany(String what, int most) {
        return Problem.of(429, "There may be " + most + " consumer instances in a " + what + ".")
                .asException();
    }

    /** More than one instance's record can hold. */
    static ProblemException tooMuch(String what, int most) {
        return Problem.of(
                        422,
                        "A consumer instance may have "
                                + most
                                + " "
                                + what
                                + ", and this one would have more.")
                .asException();
    }

    static ProblemException failed(String what) {
        return Problem.of(500, 50002, "Kafka error: " + what).asException();
    }

    /** It may succeed if tried again. */
    static ProblemException notNow(String what) {
        return new Problem(503, 50003, "Kafka error: " + what, Optional.of(SOON)).asException();
    }
}
