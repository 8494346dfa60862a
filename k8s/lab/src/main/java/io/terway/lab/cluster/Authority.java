package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The certificate authority of one lab: what cert-manager, or an operator with openssl, is to a cluster. */
final class Authority {

    /** Longer than any lab lives. */
    private static final Duration LIFE = Duration.ofDays(30);

    private static final X500Name NAME = new X500Name("CN=terway-lab");

    private final KeyPair keys = newKeys();
    private final X509CertificateHolder own = certify(NAME, keys, keys, "", true);

    /**
     * Writes tls.crt, tls.key and ca.crt as a mounted secret has them.
     *
     * @param name what the certificate is for, also the name by which callers know the server: its Lease's name
     */
    void issue(String name, Path directory) {
        KeyPair leaf = newKeys();
        try {
            Files.createDirectories(directory);
            write(directory.resolve("tls.crt"), certify(new X500Name("CN=" + name), leaf, keys, name, false));
            write(directory.resolve("tls.key"), new JcaPKCS8Generator(leaf.getPrivate(), null));
            write(directory.resolve("ca.crt"), own);
        } catch (IOException e) {
            throw new Refusal("cannot write certificates to " + directory + ": " + e.getMessage());
        }
    }

    private static X509CertificateHolder certify(
            X500Name subject, KeyPair subjectKeys, KeyPair signer, String dnsName, boolean authority) {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                NAME,
                new BigInteger(120, new SecureRandom()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(LIFE)),
                subject,
                subjectKeys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!dnsName.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
            }
            return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()));
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a P-256 key signs", e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK makes P-256 keys", e);
        }
    }

    private static void write(Path file, Object content) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(content);
        }
        Files.writeString(file, text.toString());
    }
}
