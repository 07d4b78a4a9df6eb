package io.tributary.server.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority of the node's own, and the server certificate it signs: made at the first
 * start, renewed in time. Clients trust {@code ca.pem}.
 */
public final class Certificates {
    private static final Duration CA_LIFETIME = Duration.ofDays(3650);
    private static final Duration SERVER_LIFETIME = Duration.ofDays(397);
    private static final Duration RENEWED_BEFORE = Duration.ofDays(30);

    /** Clocks of clients may be a little behind. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final Path folder;
    private final InstantSource clock;
    private final RandomGenerator random;

    public Certificates(Path folder, InstantSource clock, RandomGenerator random) {
        this.folder = folder;
        this.clock = clock;
        this.random = random;
    }

    /** The files a server needs, and the one its clients need. */
    public record KeyFiles(Path ca, Path certificate, Path key) {}

    /** Makes what is missing or no longer good for this host. */
    public KeyFiles ensure(String host) throws IOException {
        Files.createDirectories(folder);
        Path caFile = folder.resolve("ca.pem");
        Path caKeyFile = folder.resolve("ca.key");
        Path certificateFile = folder.resolve("server.pem");
        Path keyFile = folder.resolve("server.key");
        try {
            if (!Files.exists(caFile) || !Files.exists(caKeyFile)) {
                KeyPair pair = newPair();
                X509Certificate ca = authority(pair);
                PemFiles.write(caKeyFile, pair.getPrivate());
                PemFiles.write(caFile, ca);
                Files.deleteIfExists(certificateFile);
            }
            X509Certificate ca = PemFiles.readCertificate(caFile);
            if (!Files.exists(certificateFile)
                    || !Files.exists(keyFile)
                    || !good(PemFiles.readCertificate(certificateFile), host)) {
                KeyPair pair = newPair();
                X509Certificate server = server(pair, ca, PemFiles.readKey(caKeyFile), names(host));
                PemFiles.write(keyFile, pair.getPrivate());
                PemFiles.write(certificateFile, server, ca);
            }
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("the certificates in " + folder + " cannot be made", e);
        }
        return new KeyFiles(caFile, certificateFile, keyFile);
    }

    private boolean good(X509Certificate certificate, String host)
            throws CertificateParsingException {
        Instant renewal = certificate.getNotAfter().toInstant().minus(RENEWED_BEFORE);
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return clock.instant().isBefore(renewal)
                && names != null
                && names.stream().anyMatch(name -> same(name, host));
    }

    /**
     * Whether a name of a certificate, type and text, is this host; addresses have many spellings.
     */
    private static boolean same(List<?> name, String host) {
        String text = name.get(1).toString();
        return (name.get(0).equals(GeneralName.iPAddress) && address(host))
                ? InetAddress.ofLiteral(text).equals(InetAddress.ofLiteral(host))
                : text.equals(host);
    }

    private static boolean address(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    private static Set<GeneralName> names(String host) {
        Set<GeneralName> names = new LinkedHashSet<>();
        names.add(new GeneralName(GeneralName.dNSName, "localhost"));
        names.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
        names.add(new GeneralName(GeneralName.iPAddress, "::1"));
        names.add(
                new GeneralName(address(host) ? GeneralName.iPAddress : GeneralName.dNSName, host));
        return names;
    }

    private X509Certificate authority(KeyPair pair)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        X500Name name = new X500Name("CN=Tributary " + Long.toString(serial().longValue(), 36));
        JcaX509v3CertificateBuilder builder = builder(name, name, pair, CA_LIFETIME);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        return sign(builder, pair.getPrivate());
    }

    private X509Certificate server(
            KeyPair pair, X509Certificate ca, PrivateKey caKey, Set<GeneralName> names)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        JcaX509v3CertificateBuilder builder =
                builder(
                        new X500Name(ca.getSubjectX500Principal().getName()),
                        new X500Name("CN=tributary"),
                        pair,
                        SERVER_LIFETIME);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(names.toArray(GeneralName[]::new)));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(ca));
        return sign(builder, caKey);
    }

    private JcaX509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, KeyPair pair, Duration lifetime)
            throws GeneralSecurityException, IOException {
        Instant now = clock.instant();
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        issuer,
                        serial(),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(now.plus(lifetime)),
                        subject,
                        pair.getPublic());
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        return builder;
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private BigInteger serial() {
        return BigInteger.valueOf(random.nextLong() & Long.MAX_VALUE).add(BigInteger.ONE);
    }

    private static KeyPair newPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
