package io.tributary.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificatesTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "::1", "fe80::1", "10.0.0.7", "node.example"})
    void certificateStaysUntilAnotherHostNeedsOne(String host) throws Exception {
        Certificates certificates =
                new Certificates(
                        folder,
                        InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                        new Random(1));
        Path file = certificates.ensure(host).certificate();
        String made = Files.readString(file);
        certificates.ensure(host);
        assertEquals(made, Files.readString(file));
        certificates.ensure("other.example");
        assertNotEquals(made, Files.readString(file));
    }
}
