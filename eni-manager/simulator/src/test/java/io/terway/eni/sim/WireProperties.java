package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.rpc.RateLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Bytes that no client would send: an answer below 500 or a closed connection, and a twin that goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireProperties {

    private static final int REQUESTS = 400 * Integer.getInteger("test.scale", 1);
    private static final int PATIENCE_MILLIS = 10_000;

    private static final List<String> QUERIES = List.of(
            "",
            "Action=%",
            "Action=%zz&Version=2014-05-26",
            "=&=&=",
            "&&&&",
            "a".repeat(9_000),
            "Action=DescribeInstances&Signature=%00&AccessKeyId=%ff%fe",
            "Action=AssumeRoleWithOIDC&Version=2015-04-01&OIDCToken=..&RoleArn=acs:ram::1:role/x&RoleSessionName=xx",
            "Action=AssumeRoleWithOIDC&Version=2015-04-01&OIDCToken=e30.%2B%2B.x&OIDCProviderArn=acs:ram::1:oidc-provider/p",
            "Format=JSON&Version=2014-05-26&Action=DescribeInstances&Timestamp=now",
            "Tag.1.Key=a&Tag.-1.Key=b&Tag.99999999999.Key=c",
            "InstanceIds=%5B%22");

    private static final List<String> HEADERS = List.of(
            "Authorization: ACS3-HMAC-SHA256",
            "Authorization: ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
            "Authorization: ACS3-HMAC-SHA256 Credential=x,SignedHeaders=;;;,Signature=zz",
            "Authorization: ACS3-HMAC-SHA256 Credential=LTAI5tSimulatedKey0001,SignedHeaders=host,Signature=00",
            "Authorization: ACS3-HMAC-SHA256 ====,,,,",
            "x-acs-date: yesterday",
            "x-acs-date: 2026-01-01T00:00:00Z",
            "x-acs-action: \u0001",
            "x-acs-version: 2014-05-26",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data; boundary=",
            "Content-Type: ;",
            "Transfer-Encoding: gzip",
            "Expect: 100-continue",
            "Host:",
            "X: " + "y".repeat(70_000));

    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.standard(),
            Options.defaults().withLatencies(Latencies.none()).withRateLimits(RateLimits.unlimited()),
            VpcObserver.NONE);

    @AfterAll
    void close() {
        twin.close();
    }

    @Test
    void whateverComesIsAnsweredBelow500OrCut() throws IOException {
        Random random = new Random(7);
        long before = twin.view().revision();
        for (int i = 0; i < REQUESTS; i++) {
            String request = request(random);
            String status = send(request);
            assertFalse(status.startsWith("HTTP/1.1 5"), () -> status + " to " + request);
        }
        assertEquals(before, twin.view().revision());
        assertEquals(2, twin.view().instances().size());
    }

    @Test
    void noiseIsCutAndTheNextCallerIsServed() throws IOException {
        Random random = new Random(8);
        for (int i = 0; i < REQUESTS / 10; i++) {
            byte[] noise = new byte[random.nextInt(1, 3_000)];
            random.nextBytes(noise);
            String status = send(new String(noise, StandardCharsets.ISO_8859_1) + "\r\n\r\n");
            assertFalse(status.startsWith("HTTP/1.1 5"), status);
        }
        try (RawClient client = new RawClient(twin)) {
            assertEquals(200, client.call("DescribeRegions", java.util.Map.of()).statusCode());
        }
    }

    private static String request(Random random) {
        String method = pick(random, List.of("GET", "POST", "PUT", "OPTIONS", "PATCH", "get"));
        String path = pick(random, List.of("/", "/ecs/", "//", "/%2e%2e/", "/sts", "*"));
        String query = pick(random, QUERIES);
        StringBuilder out = new StringBuilder(
                method + " " + path + (query.isEmpty() ? "" : "?" + query) + " HTTP/1.1\r\nConnection: close\r\n");
        for (int headers = random.nextInt(5); headers > 0; headers--) {
            out.append(pick(random, HEADERS)).append("\r\n");
        }
        String body = random.nextBoolean() ? pick(random, QUERIES) : "";
        return out.append("Content-Length: ")
                .append(body.length())
                .append("\r\n\r\n")
                .append(body)
                .toString();
    }

    /** The status line, or nothing when the twin cut the connection. */
    private String send(String request) throws IOException {
        String[] at = twin.endpoint().split(":");
        try (Socket socket = new Socket(at[0], Integer.parseInt(at[1]))) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
                InputStream in = socket.getInputStream();
                String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
                return answer.lines().findFirst().orElse("");
            } catch (IOException cut) {
                return "";
            }
        }
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
