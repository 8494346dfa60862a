package io.terway.bench.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of an API server as ipam-service asks for: a cluster that never changes, made page by page, and Leases. It keeps
 * no objects, so that the machine is left to what is measured.
 */
final class ModelApi implements AutoCloseable {

    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    private static final Pattern AGENT_TOKEN = Pattern.compile("agent-of-(node-[0-9]+)");
    private static final Pattern HOLDER = Pattern.compile("\"holderIdentity\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern VERSION = Pattern.compile("\"resourceVersion\"\\s*:\\s*\"([^\"]+)\"");

    private final HttpServer server;
    private final Objects objects;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ConcurrentHashMap<String, String> leases = new ConcurrentHashMap<>();
    private long version = 1_000; // guarded by this

    ModelApi(Objects objects) {
        this.objects = objects;
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 128);
        } catch (IOException e) {
            throw new Unmeasurable("no port for the API: " + e.getMessage());
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** host:port of who holds ipam-service's Lease. */
    Optional<String> leader() {
        return Optional.ofNullable(leases.get(LEASES + "/terway-ipam"))
                .map(HOLDER::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1).replaceAll("_.*", ""));
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (query.contains("watch=true")) {
            watch(exchange);
        } else if (path.startsWith(LEASES)) {
            lease(exchange, path, body);
        } else if (path.endsWith("/tokenreviews")) {
            answer(exchange, 201, review(body));
        } else if (exchange.getRequestMethod().equals("GET")) {
            Optional<String> found = objects.get(path, query);
            answer(exchange, found.isPresent() ? 200 : 404, found.orElse(status(404, "NotFound")));
        } else {
            answer(exchange, 200, body.startsWith("{") ? body : objects.bare(path));
        }
    }

    /** Nothing ever happens here. A client that asks by websocket is answered so that it asks again without. */
    private void watch(HttpExchange exchange) throws IOException {
        if (exchange.getRequestHeaders().containsKey("Upgrade")) {
            answer(exchange, 200, "");
            return;
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private synchronized void lease(HttpExchange exchange, String path, String body) throws IOException {
        switch (exchange.getRequestMethod()) {
            case "GET" -> {
                String found = leases.get(path);
                answer(exchange, found == null ? 404 : 200, found == null ? status(404, "NotFound") : found);
            }
            case "POST" -> answer(exchange, 201, keep(LEASES + "/" + name(body), body));
            default -> {
                boolean current = versionOf(body).equals(versionOf(leases.getOrDefault(path, "")));
                answer(exchange, current ? 200 : 409, current ? keep(path, body) : status(409, "Conflict"));
            }
        }
    }

    private String keep(String path, String body) {
        String stamp = "\"resourceVersion\":\"" + ++version + "\"";
        String kept = VERSION.matcher(body).find()
                ? VERSION.matcher(body).replaceFirst(stamp)
                : body.replaceFirst("\"metadata\"\\s*:\\s*\\{", "\"metadata\":{" + stamp + ",");
        leases.put(path, kept);
        return kept;
    }

    private static String name(String body) {
        Matcher name = Pattern.compile("\"name\"\\s*:\\s*\"([^\"]+)\"").matcher(body);
        return name.find() ? name.group(1) : "";
    }

    private static String versionOf(String body) {
        Matcher found = VERSION.matcher(body);
        return found.find() ? found.group(1) : "";
    }

    private static String review(String body) {
        Matcher agent = AGENT_TOKEN.matcher(body);
        String status = agent.find() ? """
                {"authenticated":true,"audiences":["terway"],"user":{"username":"system:serviceaccount:kube-system:terway",
                "extra":{"authentication.kubernetes.io/node-name":["%s"]}}}""".formatted(agent.group(1)) : "{\"authenticated\":false}";
        return "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"status\":" + status + "}";
    }

    private static String status(int code, String reason) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"" + reason
                + "\",\"code\":" + code + "}";
    }

    private static void answer(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
