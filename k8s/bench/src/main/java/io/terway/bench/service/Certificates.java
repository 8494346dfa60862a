package io.terway.bench.service;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.terway.bench.Command;
import io.terway.bench.Unmeasurable;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLException;

/** One authority and one certificate for all parties, made by openssl; P-256, as the lab's. */
record Certificates(Path authority, Path certificate, Path key) {

    static Certificates make(Path directory) {
        Path authority = directory.resolve("ca.crt");
        Path authorityKey = directory.resolve("ca.key");
        Path certificate = directory.resolve("tls.crt");
        Path key = directory.resolve("tls.key");
        Command.require(request(authority, authorityKey, "/CN=terway-bench", List.of()));
        Command.require(request(
                certificate,
                key,
                "/CN=terway",
                List.of(
                        "-CA",
                        authority.toString(),
                        "-CAkey",
                        authorityKey.toString(),
                        "-addext",
                        "subjectAltName=DNS:terway-ipam,DNS:terway-eni")));
        return new Certificates(authority, certificate, key);
    }

    /** For a server that asks its clients for theirs. */
    SslContext server() throws SSLException {
        return GrpcSslContexts.forServer(certificate.toFile(), key.toFile())
                .trustManager(authority.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
    }

    SslContext client() {
        try {
            return GrpcSslContexts.forClient()
                    .keyManager(certificate.toFile(), key.toFile())
                    .trustManager(authority.toFile())
                    .build();
        } catch (SSLException e) {
            throw new Unmeasurable("no TLS for the agents: " + e.getMessage());
        }
    }

    private static List<String> request(Path certificate, Path key, String subject, List<String> more) {
        var words = new java.util.ArrayList<>(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                subject,
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString()));
        words.addAll(more);
        return words;
    }
}
