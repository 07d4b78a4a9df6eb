package io.tributary.server.tls;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.OptionException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnCertificateTest {
    @TempDir Path folder;
    private Certificates.KeyFiles files;

    @BeforeEach
    void make() throws Exception {
        files =
                new Certificates(
                                folder,
                                () -> Instant.parse("2026-01-01T00:00:00Z"),
                                SecureRandom.getInstanceStrong())
                        .ensure("localhost");
    }

    private static void check(Path certificate, Path key) {
        OwnCertificate.check(new NodeSettings.Certificate(certificate, key));
    }

    private static void refused(String option, Path file, String why, Path certificate, Path key) {
        String message =
                assertThrows(OptionException.class, () -> check(certificate, key)).getMessage();
        assertTrue(message.contains(option), message);
        assertTrue(message.contains(file.toString()), message);
        assertTrue(message.contains(why), message);
    }

    private Path pem(String name, Object content) throws Exception {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter out = new JcaPEMWriter(text)) {
            out.writeObject(content);
        }
        return Files.writeString(folder.resolve(name), text.toString());
    }

    private static PrivateKey rsa() throws Exception {
        return KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
    }

    @Test
    void pairInEveryUsualFormPasses() throws Exception {
        check(files.certificate(), files.key());
        ECPrivateKey key = (ECPrivateKey) PemFiles.readKey(files.key());
        byte[] sec1 =
                new org.bouncycastle.asn1.sec.ECPrivateKey(
                                256, key.getS(), SECObjectIdentifiers.secp256r1)
                        .getEncoded();
        check(files.certificate(), pem("sec1.pem", new PemObject("EC PRIVATE KEY", sec1)));
    }

    @Test
    void keyOfAnotherCertificateIsRefused() throws Exception {
        String why = "is not the key";
        Path caKey = folder.resolve("ca.key");
        refused("--tls-key", caKey, why, files.certificate(), caKey);
        Path rsa = pem("rsa.pem", new JcaPKCS8Generator(rsa(), null));
        refused("--tls-key", rsa, why, files.certificate(), rsa);
        // The right key for the second certificate of the chain only.
        refused("--tls-key", files.key(), files.ca().toString(), files.ca(), files.key());
    }

    @Test
    void encryptedKeyIsRefusedAsSuch() throws Exception {
        Path key =
                pem(
                        "encrypted.pem",
                        new JcaPKCS8Generator(
                                PemFiles.readKey(files.key()),
                                new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                                        .setProvider(new BouncyCastleProvider())
                                        .setPassword("x".toCharArray())
                                        .build()));
        refused("--tls-key", key, "encrypted", files.certificate(), key);
    }

    @Test
    void filesOfAnotherContentAreRefused() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "hello");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
        Path none = folder.resolve("none");
        refused("--tls-cert", text, "certificate", text, files.key());
        refused("--tls-cert", files.key(), "certificate", files.key(), files.key());
        refused("--tls-cert", folder, "cannot be read", folder, files.key());
        refused("--tls-key", text, "no private key", files.certificate(), text);
        refused("--tls-key", binary, "not PEM", files.certificate(), binary);
        refused("--tls-key", none, "cannot be read", files.certificate(), none);
        refused("--tls-key", files.ca(), "no private key", files.certificate(), files.ca());
    }
}
