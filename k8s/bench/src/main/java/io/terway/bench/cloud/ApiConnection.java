package io.terway.bench.cloud;

import io.terway.bench.Unmeasurable;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One kept-alive connection that signs and sends one call after the other; small, so that the load is the twin's. */
final class ApiConnection implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final String keyId;
    private final Mac mac;

    ApiConnection(TwinProcess twin) throws IOException {
        this.socket = new Socket("127.0.0.1", twin.port());
        socket.setTcpNoDelay(true);
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        this.keyId = twin.text("accessKeyId");
        try {
            this.mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(
                    (twin.text("accessKeySecret") + "&").getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        } catch (GeneralSecurityException e) {
            throw new Unmeasurable("this Java has no HmacSHA1: " + e.getMessage());
        }
    }

    /** The body of the answer; anything but 200 ends the measurement. */
    String call(String action, Map<String, String> own) throws IOException {
        TreeMap<String, String> params = new TreeMap<>(own);
        params.put("Action", action);
        params.put("Version", "2014-05-26");
        params.put("Format", "JSON");
        params.put("RegionId", "cn-hangzhou");
        params.put("AccessKeyId", keyId);
        params.put("SignatureMethod", "HMAC-SHA1");
        params.put("SignatureVersion", "1.0");
        params.put(
                "SignatureNonce",
                Long.toHexString(ThreadLocalRandom.current().nextLong()) + Long.toHexString(System.nanoTime()));
        params.put("Timestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        StringBuilder query = new StringBuilder(512);
        params.forEach((name, value) -> query.append(query.isEmpty() ? "" : "&")
                .append(encode(name))
                .append('=')
                .append(encode(value)));
        byte[] digest = mac.doFinal(("POST&%2F&" + encode(query.toString())).getBytes(StandardCharsets.UTF_8));
        query.append("&Signature=").append(encode(Base64.getEncoder().encodeToString(digest)));
        socket.getOutputStream()
                .write(("POST /?" + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return answer(action);
    }

    private String answer(String action) throws IOException {
        String status = line();
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        if (!status.contains(" 200 ")) {
            throw new Unmeasurable(action + " was answered " + status + ": " + body);
        }
        return body;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the twin closed the connection");
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
