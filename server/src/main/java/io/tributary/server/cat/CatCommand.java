package io.tributary.server.cat;

import io.tributary.kernel.Adapter;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.server.command.ExitCode;
import io.tributary.server.command.RefusedException;
import io.tributary.server.command.TerminalProgress;
import io.tributary.server.node.ObjectStores;
import io.tributary.server.option.CatSettings;
import io.tributary.server.option.OptionException;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.restore.Progress;
import io.tributary.storage.restore.Survey;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code ./tributary cat}: a topic's records from an object store. */
public final class CatCommand {
    private final PrintStream out;
    private final PrintStream errors;
    private final Progress progress;

    /**
     * Writes help to one stream, progress and problems to the other; records go to the process's.
     */
    public CatCommand(PrintStream out, PrintStream errors) {
        this.out = out;
        this.errors = errors;
        progress = TerminalProgress.on(errors);
    }

    /** The reader of the records went away. */
    private static final class PipeClosedException extends IOException {
        private static final long serialVersionUID = 1L;

        private PipeClosedException(IOException cause) {
            super(cause);
        }
    }

    /** Runs with these arguments; returns an {@link ExitCode}. */
    @Adapter("properties and environment of the process")
    public int run(List<String> arguments) {
        if (arguments.contains("--help")) {
            out.print(CatSettings.help());
            return ExitCode.DONE;
        }
        try {
            return cat(
                    CatSettings.read(
                            arguments,
                            name -> Optional.ofNullable(System.getProperty(name)),
                            name -> Optional.ofNullable(System.getenv(name))));
        } catch (OptionException e) {
            errors.println(e.getMessage());
            return ExitCode.WRONG_OPTION;
        } catch (RefusedException e) {
            errors.println(e.getMessage());
            return ExitCode.REFUSED;
        } catch (PipeClosedException e) {
            return ExitCode.DONE;
        } catch (CorruptDataException e) {
            errors.println(e.getMessage());
            errors.println("Give --skip-damaged to leave it out and read on.");
            return ExitCode.DAMAGED;
        } catch (IOException | UncheckedIOException e) {
            errors.println("The records cannot be read: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private int cat(CatSettings settings) throws IOException {
        try (ObjectStore store =
                        ObjectStores.reading(settings.objects(), (kind, key, retry) -> {});
                ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
            OutputStream records = new Piped(new FileOutputStream(FileDescriptor.out));
            RecordPrinter.Output output =
                    new RecordPrinter.Output(new BufferedOutputStream(records, 1 << 16), errors);
            new Cat(store, new Survey(store, requests, progress), settings, output).run();
            return output.damaged() > 0 ? ExitCode.DAMAGED : ExitCode.DONE;
        }
    }

    /** Standard output, whose reader may go away at any time. */
    private static final class Piped extends OutputStream {
        private final OutputStream out;

        private Piped(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw "Broken pipe".equals(e.getMessage()) ? new PipeClosedException(e) : e;
            }
        }
    }
}
