package io.tributary.metadata.access;

/** Allows an operation on the topic of this name, or on all whose names begin with it. */
public record Grant(Operation operation, Pattern pattern, String topic) {
    /** How the name is compared. */
    public enum Pattern {
        LITERAL,
        PREFIX
    }

    public boolean allows(Operation wanted, String topicName) {
        return operation == wanted
                && switch (pattern) {
                    case LITERAL -> topic.equals(topicName);
                    case PREFIX -> topicName.startsWith(topic);
                };
    }
}
