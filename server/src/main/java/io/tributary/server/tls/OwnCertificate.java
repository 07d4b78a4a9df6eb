package io.tributary.server.tls;

import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.OptionException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Checks a certificate of the user's own and its key before anything is opened with them. */
public final class OwnCertificate {
    private static final String CERTIFICATE = "--tls-cert";
    private static final String KEY = "--tls-key";
    private static final byte[] CHALLENGE = new byte[32];

    private OwnCertificate() {}

    /**
     * Returns when the files hold a certificate and the key that belongs to it.
     *
     * @throws OptionException they do not; names the option and the file
     */
    public static void check(NodeSettings.Certificate own) {
        X509Certificate certificate = certificate(own.certificate());
        PrivateKey key = key(own.key());
        try {
            if (!belongTogether(certificate.getPublicKey(), key)) {
                throw wrong(
                        KEY,
                        own.key(),
                        "is not the key of the first certificate in " + own.certificate());
            }
        } catch (GeneralSecurityException e) {
            throw wrong(KEY, own.key(), "holds a key that cannot sign: " + e.getMessage());
        }
    }

    private static X509Certificate certificate(Path file) {
        readable(CERTIFICATE, file);
        try {
            return PemFiles.readCertificate(file);
        } catch (IOException e) {
            throw wrong(CERTIFICATE, file, "does not begin with a certificate as PEM");
        }
    }

    private static PrivateKey key(Path file) {
        readable(KEY, file);
        try (Reader in = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(in)) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                switch (found) {
                    case PrivateKeyInfo info -> {
                        return converter.getPrivateKey(info);
                    }
                    case PEMKeyPair pair -> {
                        return converter.getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
                            throw wrong(
                                    KEY,
                                    file,
                                    "is encrypted; give a decrypted key, such as openssl pkey"
                                            + " writes it, that only the service can read");
                    default -> {
                        // Parameters of a curve may come before the key.
                    }
                }
            }
        } catch (MalformedInputException e) {
            throw wrong(KEY, file, "is not PEM");
        } catch (IOException e) {
            throw wrong(KEY, file, "is damaged: " + e.getMessage());
        }
        throw wrong(KEY, file, "holds no private key as PEM");
    }

    private static boolean belongTogether(PublicKey certified, PrivateKey key)
            throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(CHALLENGE);
        byte[] signature = signer.sign();
        if (!sameKind(certified, key)) {
            return false;
        }
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certified);
        verifier.update(CHALLENGE);
        try {
            return verifier.verify(signature);
        } catch (java.security.SignatureException e) {
            // A signature of another curve or length cannot even be read.
            return false;
        }
    }

    private static boolean sameKind(PublicKey certified, PrivateKey key) {
        String kind = key.getAlgorithm().equals("ECDSA") ? "EC" : key.getAlgorithm();
        return Arrays.asList(kind, "EdDSA").contains(certified.getAlgorithm());
    }

    private static void readable(String option, Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw wrong(option, file, "cannot be read");
        }
    }

    private static OptionException wrong(String option, Path file, String what) {
        return new OptionException("Option " + option + ": " + file + " " + what + ".");
    }
}
