package io.terway.ipam.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.net.ZoneId;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exchange as an API server has it: TLS with the certificate's name checked, no client certificate. */
class ZoneWebhookTest {

    private static final String SECRET = "changeit";

    @TempDir
    Path files;

    private final Vertx vertx = Vertx.vertx();
    private KeyStore keys;
    private ZoneWebhook webhook;

    @BeforeEach
    void start() throws Exception {
        keys = keys("first");
        webhook = new ZoneWebhook(
                vertx,
                "localhost",
                0,
                Optional.of(certificate("first")),
                new ZoneHint(pod -> Optional.of(new ZoneId("cn-hangzhou-h")), _ -> false));
        webhook.start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (webhook.port() <= 0) {
            assertTrue(System.nanoTime() < deadline, "not served within 30 s");
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void stop() {
        webhook.close();
        vertx.close();
    }

    private KeyStore keys(String name) throws Exception {
        Path file = files.resolve(name);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        SECRET,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, keytool.waitFor(), said);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, SECRET.toCharArray());
        }
        return store;
    }

    private KeyCertOptions certificate(String name) {
        return new PfxOptions().setPath(files.resolve(name).toString()).setPassword(SECRET);
    }

    private HttpResponse<String> post(KeyStore trusted, String path, String body) throws Exception {
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        String alias = trusted.aliases().nextElement();
        authorities.setCertificateEntry(alias, trusted.getCertificate(alias));
        managers.init(authorities);
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, managers.getTrustManagers(), null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + webhook.port() + path))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    @Test
    void aReviewIsAnsweredOverTls() throws Exception {
        HttpResponse<String> answer = post(
                keys,
                ZoneWebhook.PATH + "?timeout=2s",
                ZoneHintTest.review("redis-0", "\"k8s.aliyun.com/pod-bindable\":\"true\"", "{}"));

        assertEquals(200, answer.statusCode(), answer::body);
        assertEquals(
                "application/json", answer.headers().firstValue("Content-Type").orElseThrow());
        JsonNode review = new ObjectMapper().readTree(answer.body());
        assertEquals("admission.k8s.io/v1", review.path("apiVersion").asText());
        assertTrue(review.at("/response/allowed").asBoolean());
        assertTrue(review.at("/response/patch").isTextual());
    }

    @Test
    void otherInputIsRefusedWithOneLine() throws Exception {
        assertEquals(400, post(keys, ZoneWebhook.PATH, "{\"kind\":").statusCode());
        assertEquals(400, post(keys, ZoneWebhook.PATH, "{}").statusCode());
        assertEquals(404, post(keys, "/", "{}").statusCode());
    }

    @Test
    void aReviewThatIsTooLargeIsNotRead() throws Exception {
        try {
            assertEquals(
                    413,
                    post(keys, ZoneWebhook.PATH, " ".repeat(ZoneWebhook.LARGEST + 1))
                            .statusCode());
        } catch (IOException closed) {
            assertEquals(404, post(keys, "/", "{}").statusCode(), "others are served");
        }
    }

    @Test
    void aRenewedCertificateIsServedWithoutARestart() throws Exception {
        KeyStore renewed = keys("second");
        webhook.renew(certificate("second"));

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        String subject = "";
        while (!subject.equals("CN=second")) {
            assertTrue(System.nanoTime() < deadline, "still " + subject);
            try {
                HttpResponse<String> answer = post(renewed, "/", "{}");
                subject = ((X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0])
                        .getSubjectX500Principal()
                        .getName();
            } catch (IOException e) {
                subject = e.getMessage(); // still the former one
            }
        }
    }
}
