package io.terway.agent.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The instance's metadata service, in its hardened mode: a session token first, fetched anew when it is refused. Any
 * thread, several at a time: each may fetch a token, and any of them is good.
 */
public final class InstanceMetadata {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int TOKEN_SECONDS = 21_600; // the longest the service gives
    private static final int TRIES = 3;
    private static final int MAX_ANSWER = 64 << 10;
    private static final String TOKEN = "X-aliyun-ecs-metadata-token";

    private final URI base;
    private volatile String token = "";

    public InstanceMetadata(URI base) {
        this.base = base;
    }

    /**
     * The text at {@code /latest/meta-data/PATH}.
     *
     * @throws IOException naming address and path when the service does not give it
     */
    public String get(String path) throws IOException {
        return find(path).orElseThrow(() -> new IOException("instance metadata " + base + " has no " + path));
    }

    /** Likewise; empty when the instance has no such thing (status 404). */
    public Optional<String> find(String path) throws IOException {
        IOException last = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                String known = token;
                if (known.isEmpty()) {
                    known = call("PUT", "/latest/api/token", TOKEN + "-ttl-seconds", Integer.toString(TOKEN_SECONDS))
                            .orElseThrow(() -> new IOException("instance metadata " + base + " gives no token"));
                    token = known;
                }
                return call("GET", "/latest/meta-data/" + path, TOKEN, known).map(String::strip);
            } catch (IOException e) {
                token = "";
                last = e;
            }
        }
        throw last;
    }

    private Optional<String> call(String method, String path, String header, String value) throws IOException {
        URI address = base.resolve(path);
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout((int) TIMEOUT.toMillis());
        connection.setReadTimeout((int) TIMEOUT.toMillis());
        connection.setRequestMethod(method);
        connection.setRequestProperty(header, value);
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_NOT_FOUND) {
            return Optional.empty();
        }
        if (status != HttpURLConnection.HTTP_OK) {
            throw new IOException("instance metadata " + address + " answers " + status);
        }
        try (InputStream in = connection.getInputStream()) {
            return Optional.of(new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8));
        }
    }
}
