package io.tributary.server.restore;

import io.tributary.kernel.Adapter;
import io.tributary.server.command.ExitCode;
import io.tributary.server.command.RefusedException;
import io.tributary.server.command.TerminalProgress;
import io.tributary.server.node.DataFolder;
import io.tributary.server.node.ObjectStores;
import io.tributary.server.option.OptionException;
import io.tributary.server.option.RestoreSettings;
import io.tributary.storage.object.ObjectStore;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code ./tributary restore}: a data folder from an object store. */
public final class RestoreCommand {
    private final PrintStream out;
    private final PrintStream errors;

    /** Writes what comes back to one stream, progress and problems to the other. */
    public RestoreCommand(PrintStream out, PrintStream errors) {
        this.out = out;
        this.errors = errors;
    }

    /** Runs with these arguments; returns an {@link ExitCode}. */
    @Adapter("properties and environment of the process")
    public int run(List<String> arguments) {
        if (arguments.contains("--help")) {
            out.print(RestoreSettings.help());
            return ExitCode.DONE;
        }
        try {
            RestoreSettings settings =
                    RestoreSettings.read(
                            arguments,
                            name -> Optional.ofNullable(System.getProperty(name)),
                            name -> Optional.ofNullable(System.getenv(name)));
            if (settings.ledgers().filter(folder -> !Files.isDirectory(folder)).isPresent()) {
                throw new OptionException(
                        "Option --ledgers names no folder: " + settings.ledgers().get());
            }
            return settings.dryRun() ? dryRun(settings) : restore(settings);
        } catch (OptionException e) {
            errors.println(e.getMessage());
            return ExitCode.WRONG_OPTION;
        } catch (RefusedException e) {
            errors.println(e.getMessage());
            return ExitCode.REFUSED;
        } catch (IOException | UncheckedIOException e) {
            errors.println("The restore failed: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private int dryRun(RestoreSettings settings) throws IOException {
        restore(settings, restoration -> out.println("Nothing was changed."));
        return ExitCode.DONE;
    }

    /** What follows the plan. */
    private interface Next {
        void run(Restoration restoration) throws IOException;
    }

    private void restore(RestoreSettings settings, Next next) throws IOException {
        try (ObjectStore store =
                        ObjectStores.reading(settings.objects(), (kind, key, retry) -> {});
                ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
                Restoration restoration = Restoration.open(store, settings, machine(requests))) {
            new PlanText(out).print(restoration.plan());
            next.run(restoration);
        }
    }

    private int restore(RestoreSettings settings) throws IOException {
        boolean existed = Files.exists(settings.data());
        Optional<DataFolder> folder = DataFolder.take(settings.data());
        if (folder.isEmpty()) {
            errors.println(
                    "Another process runs on the data folder "
                            + settings.data()
                            + ". Choose a new folder with --data.");
            return ExitCode.FOLDER_TAKEN;
        }
        boolean complete = false;
        try (DataFolder _ = folder.get()) {
            if (!DataFolder.isEmpty(settings.data())) {
                throw new RefusedException(
                        "The data folder "
                                + settings.data()
                                + " is not empty. Choose a new folder with --data.");
            }
            restore(settings, restoration -> complete(restoration, settings));
            complete = true;
        } finally {
            if (!complete && !existed && DataFolder.isEmpty(settings.data())) {
                Files.delete(settings.data().resolve(DataFolder.LOCK));
                Files.delete(settings.data());
            }
        }
        out.println(
                "Restored into "
                        + settings.data()
                        + ". Start it with ./tributary up --data "
                        + settings.data()
                        + " and the same object store. The operator's key is new: "
                        + settings.data().resolve("operator.key"));
        return ExitCode.DONE;
    }

    private static void complete(Restoration restoration, RestoreSettings settings)
            throws IOException {
        try (ObjectStore store =
                ObjectStores.open(settings.data(), settings.objects(), (kind, key, retry) -> {})) {
            restoration.complete(store);
        }
    }

    @Adapter("clock and randomness of the process")
    private Restoration.Machine machine(ExecutorService requests) {
        return new Restoration.Machine(
                InstantSource.system(), new SecureRandom(), requests, TerminalProgress.on(errors));
    }
}
