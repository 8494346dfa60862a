package io.terway.lab.e2e;

import io.terway.lab.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An https front of a plain API server, with a certificate such as kubeadm makes. */
final class TlsFront implements AutoCloseable {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final ServerSocket listener;
    private final int target;
    private final String certificate;

    private TlsFront(ServerSocket listener, int target, String certificate) {
        this.listener = listener;
        this.target = target;
        this.certificate = certificate;
    }

    static TlsFront before(int target, Path directory) throws IOException, GeneralSecurityException {
        Path store = directory.resolve("front.p12");
        Shell.need(
                List.of(
                        System.getProperty("java.home") + "/bin/keytool",
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "front",
                        "-dname",
                        "CN=kube-apiserver",
                        "-ext",
                        "san=dns:kubernetes.default.svc,ip:127.0.0.1",
                        "-ext",
                        "bc:c",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD)),
                "");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        ServerSocket listener =
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(keys.getCertificate("front").getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        TlsFront front = new TlsFront(listener, target, pem);
        Thread.ofVirtual().start(front::accept);
        return front;
    }

    /** A kubeconfig that trusts only this certificate. */
    Path kubeconfig(Path file) throws IOException {
        return Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: front
                contexts: [{name: front, context: {cluster: front, user: front}}]
                clusters:
                - name: front
                  cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}
                users: [{name: front, user: {token: t}}]
                """.formatted(
                        listener.getLocalPort(), Base64.getEncoder().encodeToString(certificate.getBytes())));
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                Thread.ofVirtual().start(() -> join(near));
            } catch (IOException e) {
                // Closed, or one client that gave up.
            }
        }
    }

    private void join(Socket near) {
        try (near;
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target)) {
            Thread back = Thread.ofVirtual().start(() -> copy(far, near));
            copy(near, far);
            back.join();
        } catch (IOException e) {
            // The client sees a closed connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One side is gone.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
