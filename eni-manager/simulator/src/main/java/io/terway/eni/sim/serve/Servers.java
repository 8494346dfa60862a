package io.terway.eni.sim.serve;

import io.terway.eni.sim.Listen;
import io.terway.eni.sim.Options;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The sockets of a twin, on one event loop. */
public final class Servers implements AutoCloseable {

    /** The SDK puts every parameter into the request line. */
    private static final int LINE_LIMIT = 1 << 18;

    private static final int TIMEOUT_SECONDS = 10;

    private final Vertx vertx;
    private final HttpServer api;
    private final Optional<HttpServer> metadata;

    private Servers(Vertx vertx, HttpServer api, Optional<HttpServer> metadata) {
        this.vertx = vertx;
        this.api = api;
        this.metadata = metadata;
    }

    /**
     * Binds and serves.
     *
     * @throws IllegalStateException when an address cannot be bound, naming it
     */
    public static Servers open(Twin twin, Options options) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            Optional<Control> control = options.control() ? Optional.of(new Control(twin)) : Optional.empty();
            HttpServer api = bind(vertx, options.api(), new ApiServer(vertx, twin, control)::handle);
            Optional<HttpServer> metadata =
                    options.metadata().map(at -> bind(vertx, at, new MetadataServer(twin, options.callers())::handle));
            return new Servers(vertx, api, metadata);
        } catch (IllegalStateException e) {
            vertx.close();
            throw e;
        }
    }

    private static HttpServer bind(Vertx vertx, Listen at, Handler<HttpServerRequest> handler) {
        HttpServerOptions options = new HttpServerOptions()
                .setMaxInitialLineLength(LINE_LIMIT)
                .setMaxHeaderSize(1 << 16)
                .setTcpNoDelay(true);
        try {
            return vertx.createHttpServer(options)
                    .requestHandler(handler)
                    .listen(at.port(), at.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "cannot listen on " + at.host() + ":" + at.port() + ": " + e.getMessage() + "; choose another port",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while opening " + at.host() + ":" + at.port(), e);
        }
    }

    public int apiPort() {
        return api.actualPort();
    }

    /** -1 when no metadata is served. */
    public int metadataPort() {
        return metadata.map(HttpServer::actualPort).orElse(-1);
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            System.err.println("the twin's sockets did not close in time: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
