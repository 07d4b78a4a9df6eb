package io.tributary.ingest.door;

/** Told of what passes the door. Thread-safe; must not block. */
public interface IngestMetrics {
    /** Records became durable. */
    void produced(int records, long bytes);

    /** A record or request was not taken; by the status it was answered with. */
    void refused(int status);

    /** Records were handed out. */
    void fetched(int records, long bytes);

    /** A Kafka client got errors in an answer, by the name of their code. */
    void kafkaErrors(String error, int count);

    /** A Kafka client's connection was ended. */
    void kafkaRefused(KafkaRefusal why);
}
