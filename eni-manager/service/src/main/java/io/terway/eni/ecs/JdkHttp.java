package io.terway.eni.ecs;

import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.CallBack;
import com.aliyuncs.http.FormatType;
import com.aliyuncs.http.HttpClientConfig;
import com.aliyuncs.http.HttpRequest;
import com.aliyuncs.http.HttpResponse;
import com.aliyuncs.http.IHttpClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;

/**
 * The SDK's transport on the JDK's HTTP client. The SDK's own clients do not fit: one is a JVM-wide singleton whose
 * first configuration wins, the other is URLConnection, which silently repeats a POST when a kept connection breaks.
 * This one repeats nothing and tells a connection that was never made from an answer that never came.
 */
final class JdkHttp extends IHttpClient {

    /** Headers that the JDK's client sets itself. */
    private static final Set<String> RESTRICTED = caseless("connection", "content-length", "expect", "host", "upgrade");

    /** Largest body of a page of 500 ENIs with 50 addresses each, several times over. */
    private static final int MAX_BODY = 64 << 20;

    private final HttpClient http;
    private final Duration answer;

    /**
     * @param connect longest wait for a connection
     * @param answer longest wait from request to answer, where the request itself names none
     */
    JdkHttp(Duration connect, Duration answer) {
        this.answer = answer;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connect)
                .build();
    }

    private static Set<String> caseless(String... names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(Set.of(names));
        return set;
    }

    @Override
    protected void init(HttpClientConfig config) {
        // Everything it needs came with the constructor.
    }

    @Override
    public HttpResponse syncInvoke(HttpRequest request) throws IOException, ClientException {
        try {
            return answer(request.getSysUrl(), http.send(translate(request), BodyHandlers.ofByteArray()));
        } catch (HttpConnectTimeoutException | ConnectException e) {
            throw new ClientException("SDK.NotConnected", "no connection to " + host(request) + ": " + e.getMessage());
        } catch (HttpTimeoutException e) {
            throw new SocketTimeoutException("no answer from " + host(request) + " in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketTimeoutException("interrupted while waiting for " + host(request));
        }
    }

    private java.net.http.HttpRequest translate(HttpRequest request) {
        Integer millis = request.getSysReadTimeout();
        byte[] body = request.getHttpContent();
        var translated = java.net.http.HttpRequest.newBuilder(URI.create(request.getSysUrl()))
                .timeout(millis == null ? answer : Duration.ofMillis(millis))
                .method(
                        request.getSysMethod().name(),
                        body == null || body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        for (Map.Entry<String, String> header : request.getSysHeaders().entrySet()) {
            if (header.getValue() != null && !RESTRICTED.contains(header.getKey())) {
                translated.header(header.getKey(), header.getValue());
            }
        }
        return translated.build();
    }

    private static HttpResponse answer(String url, java.net.http.HttpResponse<byte[]> answer) throws IOException {
        if (answer.body().length > MAX_BODY) {
            throw new IOException("an answer of " + answer.body().length + " bytes, at most " + MAX_BODY + " are read");
        }
        HttpResponse response = new HttpResponse(url);
        response.setStatus(answer.statusCode());
        answer.headers().map().forEach((name, values) -> response.putHeaderParameter(name, String.join(",", values)));
        String type = answer.headers().firstValue("Content-Type").orElse("");
        FormatType format = FormatType.mapAcceptToFormat(type.split(";", 2)[0].trim());
        response.setHttpContent(answer.body(), "UTF-8", format);
        return response;
    }

    private static String host(HttpRequest request) {
        return URI.create(request.getSysUrl()).getAuthority();
    }

    @Override
    public Future<HttpResponse> asyncInvoke(HttpRequest request, CallBack callBack) {
        throw new UnsupportedOperationException("calls are made on virtual threads");
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the SDK, so it must be here
    public void ignoreSSLCertificate() {
        throw new UnsupportedOperationException("certificates are always checked");
    }

    @Override
    @SuppressWarnings("deprecation")
    public void restoreSSLCertificate() {}

    @Override
    public boolean isSingleton() {
        return false;
    }

    @Override
    public void close() {
        http.shutdown();
    }
}
