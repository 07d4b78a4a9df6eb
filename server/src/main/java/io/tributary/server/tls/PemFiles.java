package io.tributary.server.tls;

import io.tributary.kernel.file.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** Certificates and keys as PEM files; keys are for the owner's eyes only. */
final class PemFiles {
    private PemFiles() {}

    static X509Certificate readCertificate(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException e) {
            throw damaged(file, e);
        }
    }

    static PrivateKey readKey(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(in)) {
            if (parser.readObject() instanceof PrivateKeyInfo info) {
                return new JcaPEMKeyConverter().getPrivateKey(info);
            }
            throw damaged(file, null);
        } catch (IOException e) {
            throw damaged(file, e);
        }
    }

    private static IOException damaged(Path file, Exception cause) {
        return new IOException(
                file
                        + " is not the PEM file it should be. Delete the folder it is in to make"
                        + " new ones; clients must then trust the new ca.pem.",
                cause);
    }

    static void write(Path file, Object... objects) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter out = new JcaPEMWriter(text)) {
            for (Object object : objects) {
                out.writeObject(
                        object instanceof PrivateKey key
                                ? new JcaPKCS8Generator(key, null)
                                : object);
            }
        }
        boolean secret = objects[0] instanceof PrivateKey;
        DurableFiles.write(file, text.toString(), secret ? "rw-------" : "rw-r--r--");
    }
}
