package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import io.terway.wire.policy.v1.HttpRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP rules with HTTP/2 in clear: clients that speak it from the start, and such that upgrade. */
class Http2ProxyPrivilegedIT {

    private static final String ALLOWED = ProxyLab.URL + "/api/v1/items";

    @TempDir
    private Path state;

    private ProxyLab lab;

    @BeforeEach
    void begin() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/sbin/nghttpd")), "package: needs nghttpd (nghttp2-server)");
        lab = new ProxyLab(
                state,
                HttpPolicies.serverTakes(
                        "b1",
                        HttpPolicies.READ,
                        HttpRule.newBuilder()
                                .setMethod("POST")
                                .setPath("/api/v1/echo")
                                .build()));
    }

    @AfterEach
    void leaveNothing() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    /** A server that speaks HTTP/2 from the first byte, and nothing else. */
    private Process nghttpd(int size) throws IOException {
        Path files = Files.createDirectories(state.resolve("www/api/v1"));
        Files.write(files.resolve("items"), new byte[size]);
        Process process = new ProcessBuilder(
                        "nsenter",
                        "--net=" + lab.packets.namespace(ProxyLab.SERVER),
                        "nghttpd",
                        "--no-tls",
                        "--echo-upload",
                        "-d",
                        state.resolve("www").toString(),
                        Integer.toString(HttpPolicies.PORT))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(PacketLab.await(() ->
                lab.packets.onHost(ProxyLab.SERVER, "ss -Hltn sport = :8080").contains("8080")));
        return process;
    }

    @Test
    void whoSpeaksHttp2FromTheStartIsJudgedStreamByStream() throws Exception {
        Process server = nghttpd(10);
        try {
            String passed = lab.curl(
                    "--http2-prior-knowledge",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_version} %{http_code} %{size_download}",
                    ALLOWED);
            assertEquals("2 200 10", passed);

            String refused = lab.curl("--http2-prior-knowledge", "-i", ProxyLab.URL + "/admin");
            assertTrue(refused.startsWith("HTTP/2 403"), refused);
            assertTrue(
                    refused.contains("x-terway-policy: denied ingress, no HTTP rule accepts it: shop/api#0"), refused);

            String twoHosts = Lab.output(
                    lab.packets.namespace(ProxyLab.CLIENT), "nghttp", "-v", "-n", "-H", "host: other", ALLOWED);
            assertFalse(twoHosts.contains(":status: 200"), twoHosts);

            // Not curl: the one of Debian 12 cannot use such a connection twice, with no server.
            String both = Lab.output(
                    lab.packets.namespace(ProxyLab.CLIENT),
                    "nghttp",
                    "-v",
                    "-n",
                    ALLOWED,
                    ProxyLab.URL + "/admin",
                    ALLOWED + "?x=1");
            assertEquals(
                    List.of("200", "200", "403"),
                    both.lines()
                            .filter(line -> line.contains(":status: "))
                            .map(line -> line.substring(line.length() - 3))
                            .sorted()
                            .toList(),
                    both);
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void bodiesOfHttp2StreamBothWays() throws Exception {
        Process server = nghttpd(32 << 20);
        try {
            String fetched = lab.curl(
                    "--http2-prior-knowledge",
                    "--limit-rate",
                    "60M",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{size_download}",
                    ALLOWED);
            assertEquals(Integer.toString(32 << 20), fetched);
            String echoed = PacketLab.script(
                    lab.packets.namespace(ProxyLab.CLIENT),
                    "head -c 16777216 /dev/zero | curl -sS -m 60 --http2-prior-knowledge -T - -X POST " + ProxyLab.URL
                            + "/api/v1/echo | wc -c");
            assertEquals("16777216", echoed.strip());
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void manyStreamsOfOneConnectionAreServed() throws Exception {
        Process server = nghttpd(1_000);
        try {
            String said = Lab.output(
                    lab.packets.namespace(ProxyLab.CLIENT), "h2load", "-n", "2000", "-c", "4", "-m", "50", ALLOWED);
            assertTrue(said.contains("2000 succeeded, 0 failed, 0 errored"), said);
            assertTrue(said.contains("2000 2xx"), said);
            assertEquals(2_000, lab.requests("accepted"));
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void whoUpgradesIsTranslatedForAServerOfHttp1() throws Exception {
        try (WebServer server = lab.serve(HttpPolicies.PORT)) {
            String passed = lab.curl("--http2", "-w", "%{http_version}", ALLOWED);
            assertEquals("from 10.0.0.1 0\n2", passed);

            String refused = lab.curl("--http2", "-i", ProxyLab.URL + "/admin");
            assertTrue(refused.contains("HTTP/2 403"), refused);
            assertEquals(List.of("GET /api/v1/items"), server.asked);
        }
    }

    @Test
    void aServerWithoutHttp2IsABadGatewayForWhoDemandsIt() throws Exception {
        try (WebServer server = lab.serve(HttpPolicies.PORT)) {
            assertEquals(
                    "502",
                    lab.curl("--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code}", ALLOWED)
                            .replaceAll("(?s).*curl: .*", "502"));
            assertEquals(List.of(), server.asked);
        }
    }

    @Test
    void aChangeOfPolicyResetsTheStreamItForbids() throws Exception {
        Process server = nghttpd(64 << 20);
        Process client = new ProcessBuilder(
                        "nsenter",
                        "--net=" + lab.packets.namespace(ProxyLab.CLIENT),
                        "curl",
                        "-sS",
                        "-m",
                        "100",
                        "--limit-rate",
                        "100K",
                        "--http2-prior-knowledge",
                        "-o",
                        "/dev/null",
                        ALLOWED)
                .redirectErrorStream(true)
                .start();
        try {
            assertTrue(PacketLab.await(() -> lab.requests("accepted") == 1));

            lab.change("b2", HttpPolicies.ORDER);

            String said = new String(client.getInputStream().readAllBytes());
            assertTrue(said.contains("HTTP/2 stream"), said);
        } finally {
            client.destroyForcibly().waitFor();
            server.destroyForcibly().waitFor();
        }
    }
}
