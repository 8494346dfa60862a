package io.terway.link;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** How a channel or a server is secured: mutual TLS from PEM files of a mounted secret, or not at all (tests and single runs). */
public sealed interface Tls {

    /** No encryption and no identity. */
    record Plaintext() implements Tls {}

    /**
     * From settings: all three files, or none for plaintext.
     *
     * @throws IllegalArgumentException when some are named and others not, or one cannot be read
     */
    static Tls of(Optional<Path> certificate, Optional<Path> key, Optional<Path> authority) {
        if (certificate.isEmpty() && key.isEmpty() && authority.isEmpty()) {
            return new Plaintext();
        }
        if (certificate.isEmpty() || key.isEmpty() || authority.isEmpty()) {
            throw new IllegalArgumentException("terway.tls: certificate " + shown(certificate) + ", key " + shown(key)
                    + ", authority " + shown(authority) + "; name all three files, or none for plaintext");
        }
        return new Mutual(certificate.get(), key.get(), authority.get());
    }

    private static String shown(Optional<Path> file) {
        return file.map(Path::toString).orElse("missing");
    }

    /**
     * Mutual TLS. The files are read again every minute, so a rotated secret needs no restart.
     *
     * @param certificate our certificate chain, PEM
     * @param key its private key, PEM, PKCS#8
     * @param authority the certificates we trust, PEM
     */
    record Mutual(Path certificate, Path key, Path authority) implements Tls {

        public Mutual {
            for (Path file : new Path[] {certificate, key, authority}) {
                if (!Files.isReadable(file)) {
                    throw new IllegalArgumentException("TLS file " + file
                            + " cannot be read; mount the secret there, or name none for a run without TLS");
                }
            }
        }

        /** For connections that we open: the server's name is checked too. */
        Secured open() {
            return secured(
                    AdvancedTlsX509TrustManager.Verification.CERTIFICATE_AND_HOST_NAME_VERIFICATION,
                    ours -> GrpcSslContexts.forClient().keyManager(ours));
        }

        /** For a server that takes no client without a certificate. */
        Secured serve() {
            return secured(
                    AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION,
                    ours -> GrpcSslContexts.configure(SslContextBuilder.forServer(ours))
                            .clientAuth(ClientAuth.REQUIRE));
        }

        private Secured secured(
                AdvancedTlsX509TrustManager.Verification verification,
                Function<AdvancedTlsX509KeyManager, SslContextBuilder> builder) {
            ScheduledExecutorService reload = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("tls-reload").factory());
            try {
                var ours = new AdvancedTlsX509KeyManager();
                ours.updateIdentityCredentials(
                        certificate.toFile(), key.toFile(), RELOAD_MINUTES, TimeUnit.MINUTES, reload);
                var trusted = AdvancedTlsX509TrustManager.newBuilder()
                        .setVerification(verification)
                        .build();
                trusted.updateTrustCredentials(authority.toFile(), RELOAD_MINUTES, TimeUnit.MINUTES, reload);
                return new Secured(builder.apply(ours).trustManager(trusted).build(), reload);
            } catch (IOException | GeneralSecurityException e) {
                reload.shutdownNow();
                throw new IllegalArgumentException(
                        "TLS files " + certificate + ", " + key + ", " + authority + ": " + e.getMessage(), e);
            }
        }

        private static final long RELOAD_MINUTES = 1;

        /** A context, and the thread that reads its files again until it is closed. */
        record Secured(SslContext context, ScheduledExecutorService reload) implements AutoCloseable {

            @Override
            public void close() {
                reload.shutdownNow();
            }
        }
    }
}
