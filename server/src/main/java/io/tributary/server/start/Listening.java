package io.tributary.server.start;

import io.tributary.server.option.OptionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a node listens: one address, or both loopbacks for {@code localhost} where the machine has
 * both.
 */
final class Listening {
    private static final List<String> LOOPBACKS = List.of("127.0.0.1", "::1");
    private static final int ANY_PORT_TRIES = 20;

    private final List<InetAddress> addresses;

    private Listening(List<InetAddress> addresses) {
        this.addresses = addresses;
    }

    /**
     * What a bind address stands for.
     *
     * @param option the option that names it
     * @throws OptionException it is no address of this machine
     */
    static Listening on(String option, String bindAddress) {
        List<String> names = bindAddress.equals("localhost") ? LOOPBACKS : List.of(bindAddress);
        List<InetAddress> usable = new ArrayList<>();
        String problem = "";
        for (String name : names) {
            try {
                InetAddress address = InetAddress.getByName(name);
                probe(address, 0);
                usable.add(address);
            } catch (UnknownHostException e) {
                problem = "unknown name";
            } catch (IOException e) {
                problem = e.getMessage();
            }
        }
        if (usable.isEmpty()) {
            throw new OptionException(
                    "Option --"
                            + option
                            + " names no address this machine can listen on: "
                            + bindAddress
                            + " ("
                            + problem
                            + ").");
        }
        return new Listening(usable);
    }

    List<InetAddress> addresses() {
        return addresses;
    }

    /**
     * A port that is free on every address: the wanted one, or any for 0.
     *
     * @param option the option that names it
     * @throws IOException it is taken
     */
    int freePort(String option, int wanted) throws IOException {
        IOException taken = new IOException("no port is free");
        for (int i = 0; i < (wanted == 0 ? ANY_PORT_TRIES : 1); i++) {
            try {
                int port = wanted;
                for (InetAddress address : addresses) {
                    port = probe(address, port);
                }
                return port;
            } catch (IOException e) {
                taken = e;
            }
        }
        throw new IOException(
                "port "
                        + wanted
                        + " cannot be used ("
                        + taken.getMessage()
                        + "); choose another with --"
                        + option,
                taken);
    }

    private static int probe(InetAddress address, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket(port, 1, address)) {
            return probe.getLocalPort();
        }
    }
}
