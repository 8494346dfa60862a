package io.terway.eni.ecs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** An STS that trusts one token. */
final class StsModel implements AutoCloseable {

    private final String trusted;
    private final HttpServer server;

    StsModel(String trusted) throws IOException {
        this.trusted = trusted;
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private void answer(HttpExchange exchange) throws IOException {
        Map<String, String> form = new HashMap<>();
        for (String pair : new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split("&")) {
            String[] sides = pair.split("=", 2);
            form.put(sides[0], URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
        }
        boolean trust = "AssumeRoleWithOIDC".equals(form.get("Action"))
                && "2015-04-01".equals(form.get("Version"))
                && trusted.equals(form.get("OIDCToken"))
                && form.getOrDefault("RoleArn", "").startsWith("acs:ram::")
                && form.containsKey("OIDCProviderArn")
                && form.containsKey("RoleSessionName");
        String body = trust
                ? "{\"Credentials\":{\"AccessKeyId\":\"STS.1\",\"AccessKeySecret\":\"secret\",\"SecurityToken\":\"session\","
                        + "\"Expiration\":\"" + Instant.now().plus(Duration.ofHours(1)) + "\"}}"
                : "{\"Code\":\"AuthenticationFail.OIDCToken.Invalid\",\"Message\":\"This JSON Web Token is not trusted.\"}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(trust ? 200 : 400, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
