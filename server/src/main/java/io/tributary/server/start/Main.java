package io.tributary.server.start;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.tributary.kernel.Adapter;
import io.tributary.server.cat.CatCommand;
import io.tributary.server.command.ExitCode;
import io.tributary.server.node.DataFolder;
import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.OptionException;
import io.tributary.server.option.Options;
import io.tributary.server.restore.RestoreCommand;
import io.tributary.server.tls.Certificates;
import io.tributary.server.tls.OwnCertificate;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the process begins: hands over to a command that needs no server, or reads the options,
 * takes the data folder, makes the certificates, and only then starts the application server, so
 * that a wrong start says what is wrong in one line.
 */
@QuarkusMain
public final class Main {
    /** Properties that hold the files of certificate and key, PEM. */
    static final String CERTIFICATE = "quarkus.http.ssl.certificate.files";

    static final String KEY = "quarkus.http.ssl.certificate.key-files";

    private static final Duration LONGEST_STOP = Duration.ofSeconds(60);

    private Main() {}

    /** Runs a command of the launcher; without one, starts a node and stays until it is stopped. */
    @Adapter("standard output and error, clock and randomness of the process")
    @SuppressWarnings("SystemOut")
    public static void main(String... args) {
        List<String> arguments = List.of(args);
        List<String> rest = arguments.stream().skip(1).toList();
        switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
            case "restore" -> System.exit(new RestoreCommand(System.out, System.err).run(rest));
            case "cat" -> System.exit(new CatCommand(System.out, System.err).run(rest));
            default -> up(arguments);
        }
    }

    @Adapter("standard output and error of the process")
    @SuppressWarnings("SystemOut")
    private static void up(List<String> arguments) {
        if (arguments.contains("--help")) {
            System.out.print(Options.help());
            return;
        }
        System.exit(start(arguments, System.err));
    }

    @Adapter("clock and randomness of the process")
    private static int start(List<String> arguments, PrintStream errors) {
        try {
            NodeSettings settings =
                    Options.read(
                            arguments,
                            name -> Optional.ofNullable(System.getProperty(name)),
                            name -> Optional.ofNullable(System.getenv(name)));
            Options.unknownVariables(System.getenv().keySet())
                    .forEach(name -> errors.println(name + " is no option, and is ignored."));
            Listening listening = Listening.on("bind-address", settings.listener().bindAddress());
            settings.listener().certificate().ifPresent(OwnCertificate::check);
            Optional<DataFolder> folder = take(settings.data());
            if (folder.isEmpty()) {
                errors.println(
                        "Another process runs on the data folder "
                                + settings.data()
                                + ". Stop it, or choose another folder with --data.");
                return ExitCode.FOLDER_TAKEN;
            }
            try (DataFolder _ = folder.get()) {
                return run(arguments, settings, listening, errors);
            }
        } catch (OptionException e) {
            errors.println(e.getMessage());
            return ExitCode.WRONG_OPTION;
        } catch (IOException e) {
            errors.println("The node cannot start: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private static Optional<DataFolder> take(Path data) {
        try {
            return DataFolder.take(data);
        } catch (IOException e) {
            String why =
                    switch (e) {
                        case FileAlreadyExistsException _ -> "it is a file";
                        case AccessDeniedException _ -> "permission denied";
                        case NoSuchFileException _ -> "no folder can be made there";
                        default -> e.getMessage();
                    };
            throw new OptionException(
                    "Option --data names a folder that cannot be used: "
                            + data
                            + " ("
                            + why
                            + ").");
        }
    }

    @Adapter("clock and randomness of the process")
    private static int run(
            List<String> arguments, NodeSettings settings, Listening listening, PrintStream errors)
            throws IOException {
        Certificates.KeyFiles tls =
                new Certificates(
                                settings.data().resolve("tls"),
                                InstantSource.system(),
                                new SecureRandom())
                        .ensure(settings.listener().host());
        Map<String, String> properties = new HashMap<>(Options.asProperties(arguments));
        int port = listening.freePort("https-port", settings.listener().httpsPort());
        KafkaListeners.check(settings);
        properties.put("tributary.https-port", Integer.toString(port));
        properties.put("tributary.data", settings.data().toString());
        Optional<NodeSettings.Certificate> own = settings.listener().certificate();
        properties.put(
                CERTIFICATE, own.map(c -> c.certificate()).orElse(tls.certificate()).toString());
        properties.put(KEY, own.map(c -> c.key()).orElse(tls.key()).toString());
        List<InetAddress> addresses = listening.addresses();
        properties.put("quarkus.http.host", addresses.getFirst().getHostAddress());
        if (addresses.size() > 1) {
            properties.put(SecondListener.ADDRESS, addresses.get(1).getHostAddress());
        }
        properties.put("quarkus.http.ssl-port", Integer.toString(port));
        properties.forEach(System::setProperty);

        AtomicInteger code = new AtomicInteger();
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(haltWhen(stopped, code));
        Quarkus.run(
                Application.class,
                (exitCode, failure) -> {
                    code.set(failure == null ? exitCode : failed(failure, errors));
                });
        stopped.countDown();
        return code.get();
    }

    /** A stop by signal is a good end: the process says so once everything is closed. */
    private static Thread haltWhen(CountDownLatch stopped, AtomicInteger code) {
        return Thread.ofPlatform()
                .name("tributary-exit")
                .unstarted(
                        () -> {
                            try {
                                boolean orderly =
                                        stopped.await(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS);
                                Runtime.getRuntime().halt(orderly ? code.get() : ExitCode.FAILED);
                            } catch (InterruptedException e) {
                                Runtime.getRuntime().halt(ExitCode.FAILED);
                            }
                        });
    }

    private static int failed(Throwable failure, PrintStream errors) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof OptionException) {
            errors.println(root.getMessage());
            return ExitCode.WRONG_OPTION;
        }
        errors.println(
                "The node cannot start: "
                        + (root.getMessage() == null ? root.toString() : root.getMessage()));
        return ExitCode.FAILED;
    }
}
