package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** A key pair of its own for each run, which is its own authority; its name is {@value #NAME}. */
final class SelfSigned {

    static final String NAME = "lease";
    private static final String PASSWORD = "changeit";

    private SelfSigned() {}

    static Tls.Mutual in(Path dir) throws Exception {
        Path store = dir.resolve("store.p12");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + NAME,
                "-ext",
                "SAN=dns:" + NAME,
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString());
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, keytool.waitFor(), said);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Path certificate = pem(dir, "CERTIFICATE", keys.getCertificate("a").getEncoded());
        byte[] key = keys.getKey("a", PASSWORD.toCharArray()).getEncoded();
        return new Tls.Mutual(certificate, pem(dir, "PRIVATE KEY", key), certificate);
    }

    private static Path pem(Path dir, String kind, byte[] bytes) throws Exception {
        String text = "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(bytes)
                + "\n-----END " + kind + "-----\n";
        return Files.writeString(dir.resolve(kind.replace(' ', '-') + ".pem"), text);
    }
}
