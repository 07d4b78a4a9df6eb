package io.tributary.server.command;

import io.tributary.storage.restore.Progress;
import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;

/** Progress for people: a bar on a terminal, a line now and then elsewhere. Not thread-safe. */
public final class TerminalProgress implements Progress {
    private static final int BAR = 30;
    private static final int LINES = 10;

    private final PrintStream out;
    private final boolean terminal;
    private String current = "";
    private long shown = -1;

    private TerminalProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Writes to a stream of the process's own terminal, if it has one. */
    public static TerminalProgress on(PrintStream out) {
        return new TerminalProgress(
                out, Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent());
    }

    @Override
    public void at(String what, long done, long total) {
        if (!what.equals(current)) {
            current = what;
            shown = -1;
        }
        long steps = terminal ? 100 : LINES;
        long step = total <= 0 ? steps : done * steps / total;
        if (step == shown) {
            return;
        }
        shown = step;
        if (terminal) {
            int filled = (int) (step * BAR / steps);
            out.printf(
                    Locale.ROOT,
                    "\r[%s%s] %3d%% %s%s",
                    "#".repeat(filled),
                    " ".repeat(BAR - filled),
                    step,
                    what,
                    step == steps ? "\n" : "");
        } else {
            out.printf(Locale.ROOT, "%s: %d of %d%n", what, done, total);
        }
        out.flush();
    }
}
