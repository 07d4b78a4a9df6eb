package io.tributary.storage.restore;

/** Is told how far a long piece of work has come. */
@FunctionalInterface
public interface Progress {
    /**
     * So much is done.
     *
     * @param what the work, for people; does not change until it is done
     */
    void at(String what, long done, long total);
}
