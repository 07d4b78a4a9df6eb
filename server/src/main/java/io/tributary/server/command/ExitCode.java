package io.tributary.server.command;

/** How a command of the launcher ended, as its process says it. */
public final class ExitCode {
    public static final int DONE = 0;

    /** Something failed that may work later: a store or a disk. */
    public static final int FAILED = 1;

    public static final int WRONG_OPTION = 2;

    /** Another process runs on the data folder. */
    public static final int FOLDER_TAKEN = 3;

    /** What was asked for is not there, or must not be done as things are. */
    public static final int REFUSED = 4;

    /** Stored bytes are damaged, and nobody said to go on. */
    public static final int DAMAGED = 5;

    private ExitCode() {}
}
