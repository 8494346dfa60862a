package io.terway.ipam.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Serves {@link ZoneHint} to the API server, on a port of its own: there a caller needs no client certificate, as the API
 * server shows none. An answer tells in which zone an address lies, and nothing else.
 */
public final class ZoneWebhook implements AutoCloseable {

    public static final String PATH = "/zone-of-fixed-address";

    /** A pod is at most 1.5 MiB in etcd; a review holds it up to twice. */
    static final int LARGEST = 4 << 20;

    private static final Logger LOG = Logger.getLogger(ZoneWebhook.class);
    private static final int IDLE_SECONDS = 30;

    /** An API server gives up after 30 s at most, and after 2 s as we ask it to: whoever takes longer to send holds us up. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Open connections; an API server has one or a few. */
    static final int MOST_CONNECTIONS = 500;

    private final ZoneHint hint;
    private final HttpServer server;
    private final ObjectMapper json = new ObjectMapper();
    private final AtomicInteger connections = new AtomicInteger();
    private final Vertx vertx;
    private final Duration patience;

    /** @param certificate absent: without TLS, for single runs */
    public ZoneWebhook(Vertx vertx, String host, int port, Optional<KeyCertOptions> certificate, ZoneHint hint) {
        this(vertx, host, port, certificate, hint, PATIENCE);
    }

    ZoneWebhook(
            Vertx vertx,
            String host,
            int port,
            Optional<KeyCertOptions> certificate,
            ZoneHint hint,
            Duration patience) {
        this.hint = hint;
        this.vertx = vertx;
        this.patience = patience;
        HttpServerOptions options =
                new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout(IDLE_SECONDS);
        certificate.ifPresent(keys -> options.setSsl(true).setKeyCertOptions(keys));
        server = vertx.createHttpServer(options)
                .connectionHandler(this::connected)
                .requestHandler(this::handle);
    }

    public void start() {
        server.listen()
                .onSuccess(up -> LOG.infof("admission webhook on port %d", up.actualPort()))
                .onFailure(failure -> LOG.errorf("no admission webhook: %s", failure.getMessage()));
    }

    /** The port it is served on; 0 before it is. */
    public int port() {
        return server.actualPort();
    }

    /** The certificate was renewed. */
    public void renew(KeyCertOptions certificate) {
        server.updateSSLOptions(new SSLOptions().setKeyCertOptions(certificate))
                .onFailure(failure ->
                        LOG.warnf("the webhook goes on with its former certificate: %s", failure.getMessage()));
    }

    @Override
    public void close() {
        server.close();
    }

    private void connected(HttpConnection connection) {
        connection.closeHandler(_ -> connections.decrementAndGet());
        if (connections.incrementAndGet() > MOST_CONNECTIONS) {
            connection.close();
        }
    }

    private void handle(HttpServerRequest request) {
        if (!request.path().equals(PATH) || !request.method().equals(HttpMethod.POST)) {
            end(request, 404, "POST " + PATH + " is all there is here");
            return;
        }
        Buffer body = Buffer.buffer();
        long late =
                vertx.setTimer(patience.toMillis(), _ -> request.connection().close());
        request.response().endHandler(_ -> vertx.cancelTimer(late));
        request.handler(part -> {
            if (body.length() + part.length() > LARGEST) {
                request.handler(null);
                end(request, 413, "the review is larger than " + LARGEST + " bytes");
                request.connection().close();
            } else {
                body.appendBuffer(part);
            }
        });
        request.endHandler(_ -> answer(request, body));
    }

    private void answer(HttpServerRequest request, Buffer body) {
        if (request.response().ended()) {
            return;
        }
        try {
            String answer = hint.answer(json.readTree(body.getBytes())).toString();
            request.response().putHeader("Content-Type", "application/json").end(answer);
        } catch (IOException | IllegalArgumentException e) {
            end(request, 400, e.getMessage());
        }
    }

    private static void end(HttpServerRequest request, int status, String message) {
        request.response().setStatusCode(status).end(message + "\n");
    }
}
