package io.terway.agent.policy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.terway.linux.netns.NetnsThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of HTTP/1 in a namespace that says who asked for what, and remembers it. */
final class WebServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Method and target of each request. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    WebServer(Path netns, int port) {
        server = NetnsThread.call(netns, () -> {
            try {
                return HttpServer.create(new InetSocketAddress(port), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            byte[] reply = ("from " + exchange.getRemoteAddress().getAddress().getHostAddress() + " " + body.length
                            + "\n")
                    .getBytes(StandardCharsets.US_ASCII);
            String path = exchange.getRequestURI().getPath();
            int blocks = path.endsWith("/large") ? 4_096 : path.endsWith("/last") ? 1_024 : 0;
            if (path.endsWith("/last")) {
                exchange.getResponseHeaders().set("Connection", "close");
            }
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(reply);
            for (int i = 0; i < blocks; i++) {
                exchange.getResponseBody().write(new byte[16_384]);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
