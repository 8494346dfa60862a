package io.terway.lab.api;

import io.terway.lab.api.http.Requests;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.store.Store;
import io.terway.lab.api.verb.Cluster;
import io.terway.lab.api.verb.Ids;
import io.terway.lab.api.verb.ServiceAddresses;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

/**
 * A running API server. One event loop thread answers every request and owns the store; the methods here may be called from
 * any other thread.
 */
public final class EmbeddedApi implements AutoCloseable {

    private static final long REAP_MILLIS = 500;
    private static final int MAX_LINE = 32 << 10;

    private final Vertx vertx;
    private final Store store;
    private final Requests requests;
    private final HttpServer server;
    private final ApiOptions options;

    private EmbeddedApi(Vertx vertx, Store store, Requests requests, HttpServer server, ApiOptions options) {
        this.vertx = vertx;
        this.store = store;
        this.requests = requests;
        this.server = server;
        this.options = options;
    }

    /**
     * Starts a server and returns when it answers.
     *
     * @throws IOException when the state file cannot be used or the address cannot be listened on
     */
    public static EmbeddedApi start(ApiOptions options) throws IOException {
        Store store = Store.open(options.state(), options.history());
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        try {
            Cluster cluster = new Cluster(
                    store,
                    new Resources(),
                    Clock.systemUTC(),
                    new Ids(new SplittableRandom(
                            System.nanoTime() ^ ProcessHandle.current().pid())),
                    new ServiceAddresses(options.services(), store));
            Requests requests = new Requests(vertx, cluster, options.podGrace());
            // Before anything can ask; from here on the event loop owns the store.
            requests.bootstrap(options.host(), options.port());
            HttpServer server = vertx.createHttpServer(http(options)).requestHandler(requests::handle);
            HttpServer listening = await(server.listen());
            vertx.setPeriodic(REAP_MILLIS, timer -> requests.reap());
            return new EmbeddedApi(vertx, store, requests, listening, options);
        } catch (IOException | RuntimeException e) {
            vertx.close();
            store.close();
            throw e;
        }
    }

    /** The port listened on. */
    public int port() {
        return server.actualPort();
    }

    /** The address clients use. */
    public String url() {
        return "http://" + (options.host().indexOf(':') >= 0 ? "[" + options.host() + "]" : options.host()) + ":"
                + port();
    }

    /** A kubeconfig for this server. */
    public String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: lab
                  cluster:
                    server: %s
                users:
                - name: lab
                  user: {}
                contexts:
                - name: lab
                  context:
                    cluster: lab
                    user: lab
                    namespace: default
                current-context: lab
                """.formatted(url());
    }

    /** Writes the kubeconfig; a reader sees the old file or the whole new one. */
    public void writeKubeconfig(Path file) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, kubeconfig());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Ends the watches, stops listening and closes the state file. */
    @Override
    public void close() throws IOException {
        onLoop(vertx, requests::close);
        await(vertx.close());
        store.close();
    }

    private static HttpServerOptions http(ApiOptions options) {
        return new HttpServerOptions()
                .setHost(options.host())
                .setPort(options.port())
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(MAX_LINE)
                .setTcpKeepAlive(true)
                .setReuseAddress(true)
                .setCompressionSupported(false);
    }

    /** Runs {@code work} on the thread that owns the store, and waits for it. */
    private static void onLoop(Vertx vertx, Runnable work) {
        CountDownLatch done = new CountDownLatch(1);
        vertx.runOnContext(run -> {
            try {
                work.run();
            } finally {
                done.countDown();
            }
        });
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T await(io.vertx.core.Future<T> future) throws IOException {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io
                    ? io
                    : new IOException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new java.io.InterruptedIOException("interrupted"));
        }
    }
}
