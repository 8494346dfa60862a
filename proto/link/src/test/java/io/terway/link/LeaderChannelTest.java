package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaderChannelTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path dir;

    @Test
    void aClosedChannelLeavesNoThreadThatReadsItsFiles() throws Exception {
        LeaderChannel channel = LeaderChannel.to(
                new Address("127.0.0.1", 1), new LeaderChannel.Settings("ns", "lease", Optional.empty(), selfSigned()));
        assertEquals(1, reloading());

        channel.close();

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (reloading() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(0, reloading());
    }

    private static long reloading() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("tls-reload"))
                .count();
    }

    /** A key pair of its own for each run. */
    private Tls.Mutual selfSigned() throws Exception {
        Path store = dir.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=lease",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, keytool.waitFor(), said);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        Path certificate = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
        return new Tls.Mutual(
                certificate, pem("PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded()), certificate);
    }

    private Path pem(String kind, byte[] bytes) throws Exception {
        String text = "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .encodeToString(bytes)
                + "\n-----END " + kind + "-----\n";
        return Files.writeString(dir.resolve(kind.replace(' ', '-') + ".pem"), text);
    }
}
