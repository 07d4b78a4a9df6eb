package io.tributary.server.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.server.option.OptionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ListeningTest {
    @Test
    void addressThatIsNotThisMachinesIsRefusedByTheOptionsName() {
        // Of a range for documentation, and of a domain that never is.
        for (String address : List.of("192.0.2.1", "nope.invalid")) {
            String message =
                    assertThrows(OptionException.class, () -> Listening.on("bind-address", address))
                            .getMessage();
            assertTrue(message.contains("--bind-address") && message.contains(address), message);
        }
    }

    @Test
    void localhostIsEveryLoopbackThereIs() throws Exception {
        Assumptions.assumeTrue(hasIpv6Loopback(), "no IPv6 here");
        assertEquals(
                List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1")),
                Listening.on("bind-address", "localhost").addresses());
        assertEquals(
                List.of(InetAddress.ofLiteral("::1")),
                Listening.on("bind-address", "::1").addresses());
    }

    private static boolean hasIpv6Loopback() throws SocketException {
        return !Boolean.getBoolean("java.net.preferIPv4Stack")
                && NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .anyMatch(a -> a.isLoopbackAddress() && a.getAddress().length == 16);
    }

    @Test
    void portIsFreeOnEveryAddressOrNamedAsTaken() throws Exception {
        Listening loopback = Listening.on("bind-address", "127.0.0.1");
        int port = loopback.freePort("https-port", 0);
        assertEquals(port, loopback.freePort("https-port", port));
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            String message =
                    assertThrows(
                                    IOException.class,
                                    () -> loopback.freePort("https-port", taken.getLocalPort()))
                            .getMessage();
            assertTrue(message.contains(Integer.toString(port)), message);
            assertTrue(message.contains("--https-port"), message);
        }
    }
}
