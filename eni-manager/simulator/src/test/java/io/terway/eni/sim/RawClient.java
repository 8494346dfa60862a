package io.terway.eni.sim;

import io.terway.eni.sim.rpc.Signature;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** Signs whatever it is given and sends it as it is. */
final class RawClient implements AutoCloseable {

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Endpoint twin;

    RawClient(EcsSimulator twin) {
        this(Endpoint.of(twin));
    }

    RawClient(Endpoint twin) {
        this.twin = twin;
    }

    HttpResponse<String> call(String action, Map<String, String> params) {
        TreeMap<String, String> all = new TreeMap<>(Map.of(
                "Action", action,
                "Version", "2014-05-26",
                "Format", "JSON",
                "RegionId", "cn-hangzhou",
                "AccessKeyId", twin.accessKeyId(),
                "SignatureMethod", "HMAC-SHA1",
                "SignatureVersion", "1.0",
                "SignatureNonce", UUID.randomUUID().toString(),
                "Timestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
        all.putAll(params);
        all.put("Signature", Signature.sign(twin.accessKeySecret(), Signature.stringToSign("POST", all)));
        return send("POST", "/", form(all));
    }

    /** POSTs a form, or sends another method with the form as query. */
    HttpResponse<String> send(String method, String path, String form) {
        boolean post = method.equals("POST");
        URI uri = URI.create("http://" + twin.api() + path + (post || form.isEmpty() ? "" : "?" + form));
        return http(HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .method(method, HttpRequest.BodyPublishers.ofString(post ? form : "")));
    }

    HttpResponse<String> control(String method, String path, String body) {
        URI uri = URI.create("http://" + twin.api() + "/_control" + path);
        return http(HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> metadata(String method, String path, String... headers) {
        URI uri = URI.create("http://127.0.0.1:" + twin.metadataPort() + "/latest/" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        return http(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<String> http(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static String form(Map<String, String> params) {
        return params.entrySet().stream()
                .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.close();
    }
}
