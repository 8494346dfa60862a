package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.HttpRule;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP rules with packets: a real client, a real server, and between them the node with kernel and proxy. */
class HttpProxyPrivilegedIT {

    private static final HttpRule ANY_ORDER =
            HttpPolicies.ORDER.toBuilder().clearHeaders().build();

    @TempDir
    private Path state;

    private ProxyLab lab;
    private WebServer server;

    @AfterEach
    void leaveNothing() throws Exception {
        if (server != null) {
            server.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    private void start(PolicyUpdate policy) throws IOException, InterruptedException {
        lab = new ProxyLab(state, policy);
        server = lab.serve(HttpPolicies.PORT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "[fd00::2]"})
    void whatARuleNamesPassesWithTheClientsAddressAndTheRestIsRefused(String host) throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ, HttpPolicies.ORDER));
        String base = "http://" + host + ":8080";

        String read = lab.curl(base + "/api/v1/items?x=1");
        assertTrue(read.startsWith("from " + (host.contains(":") ? "fd00:0:0:0:0:0:0:1" : "10.0.0.1")), read);
        assertTrue(lab.curl("-H", "Content-Type: application/json", "-d", "{}", base + "/api/v1/orders")
                .endsWith(" 2\n"));
        String denied = lab.curl("-i", "-d", "{}", base + "/api/v1/orders");
        assertTrue(denied.startsWith("HTTP/1.1 403 Forbidden"), denied);
        assertTrue(denied.contains("x-terway-policy: denied ingress, no HTTP rule accepts it: shop/api#0"), denied);
        assertTrue(lab.curl("-i", "--path-as-is", base + "/api/v1/../admin").startsWith("HTTP/1.1 400"));
        assertTrue(lab.curl("-i", base + "/admin").startsWith("HTTP/1.1 403"));
        assertEquals(List.of("GET /api/v1/items?x=1", "POST /api/v1/orders"), server.asked);
    }

    @Test
    void aConnectionIsJudgedRequestByRequest() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ, HttpPolicies.ORDER));

        try (RawHttp raw = lab.raw()) {
            raw.send(get("/api/v1/a"));
            assertTrue(raw.until("\r\n0\r\n\r\n").startsWith("HTTP/1.1 200"));
            raw.send("POST /admin HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
            assertTrue(raw.until("Forbidden\n").startsWith("HTTP/1.1 403"));
            raw.send(get("/api/v1/b"));
            assertTrue(raw.until("\r\n0\r\n\r\n").startsWith("HTTP/1.1 200"));
        }
        assertEquals(List.of("GET /api/v1/a", "GET /api/v1/b"), server.asked);
    }

    @Test
    void requestsSentWithoutWaitingAreAnsweredInTheirOrder() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));

        try (RawHttp raw = lab.raw()) {
            raw.send(get("/api/v1/a") + get("/admin") + get("/api/v1/b") + "GET /x HTTP/1.1\r\n\r\n");
            String all = raw.rest();
            assertEquals(
                    List.of("200", "403", "200", "400"),
                    all.lines()
                            .filter(l -> l.startsWith("HTTP/1.1 "))
                            .map(l -> l.substring(9, 12))
                            .toList(),
                    all);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
                "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nContent-Length: +4\r\n\r\nabcd",
                "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
                "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/orders HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /api/v1/a HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n",
                "GET /api/v1/a HTTP/1.1\r\n\r\n",
                "GET /api/v1/a HTTP/1.1\nHost: h\n\n",
                "GET /api/v1/a HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n",
                "GET http://other/api/v1/a HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /api/v1/a/%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n",
                "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fcABC\r\n\r\n",
            })
    void whatCouldBeReadInTwoWaysIsRefusedAndEndsTheConnection(String request) throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ, ANY_ORDER));

        try (RawHttp raw = lab.raw()) {
            String answer = raw.send(request + get("/api/v1/smuggled")).rest();
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
            assertEquals(answer.lastIndexOf("HTTP/1.1"), 0, answer);
        }
        assertEquals(List.of(), server.asked);
    }

    @Test
    void anUpgradeBehindAnUnansweredRequestUpgradesNothing() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));

        try (RawHttp raw = lab.raw()) {
            raw.send(get("/api/v1/a")
                    + "GET /api/v1/b HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
            String all = raw.rest();
            assertEquals(
                    2,
                    all.lines().filter(line -> line.equals("HTTP/1.1 200 OK")).count(),
                    all);
            assertFalse(all.contains("101"), all);
        }
        assertEquals(List.of("GET /api/v1/a", "GET /api/v1/b"), server.asked);
    }

    @Test
    void headersPastTheLimitAreRefused() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));

        assertTrue(lab.curl("-i", "-H", "X-Large: " + "a".repeat(40_000), ProxyLab.URL + "/api/v1/a")
                .startsWith("HTTP/1.1 431"));
        assertTrue(lab.curl("-i", ProxyLab.URL + "/api/v1/" + "a".repeat(9_000)).startsWith("HTTP/1.1 414"));
        assertEquals(List.of(), server.asked);
    }

    @Test
    void bodiesStreamBothWaysAlsoToASlowReader() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ, ANY_ORDER));

        String size = Long.toString(64L << 20);
        String fetched = lab.curl(
                "-m",
                "120",
                "--limit-rate",
                "40M",
                "-o",
                "/dev/null",
                "-w",
                "%{size_download}",
                ProxyLab.URL + "/api/v1/large");
        assertEquals((64L << 20) + "from 10.0.0.1 0\n".length(), Long.parseLong(fetched));
        String sent = PacketLab.script(
                lab.packets.namespace(ProxyLab.CLIENT),
                "head -c " + size + " /dev/zero | curl -sS -m 120 -T - -X POST -H Expect: " + ProxyLab.URL
                        + "/api/v1/orders");
        assertEquals("from 10.0.0.1 " + size + "\n", sent);
    }

    @Test
    void aServerThatClosesAfterItsAnswerLosesNothingOfIt() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));

        String fetched = lab.curl(
                "--limit-rate", "20M", "-o", "/dev/null", "-w", "%{size_download}", ProxyLab.URL + "/api/v1/last");
        assertEquals((16L << 20) + "from 10.0.0.1 0\n".length(), Long.parseLong(fetched));
    }

    @Test
    void aChangeOfPolicyCutsTheRequestItForbidsAndHoldsForTheNext() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ, ANY_ORDER));
        try (RawHttp streaming = lab.raw();
                RawHttp idle = lab.raw()) {
            streaming.send(
                    "POST /api/v1/orders HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            idle.send(get("/api/v1/a"));
            idle.until("\r\n0\r\n\r\n");
            assertTrue(PacketLab.await(() -> lab.requests("accepted") == 2));

            lab.change("b2", HttpPolicies.READ.toBuilder().setPath("/api/v2/.*").build());

            assertEquals("", streaming.rest());
            idle.send(get("/api/v1/a"));
            assertTrue(idle.until("Forbidden\n").startsWith("HTTP/1.1 403"));
            idle.send(get("/api/v2/a"));
            assertTrue(idle.until("\r\n0\r\n\r\n").startsWith("HTTP/1.1 200"));
        }
    }

    @Test
    void aConnectionFromBeforeTheHttpRuleDoesNotSlipPastIt() throws Exception {
        start(HttpPolicies.serverTakes("b1"));
        try (RawHttp before = lab.raw()) {
            before.send(get("/admin")).until("\r\n0\r\n\r\n");

            lab.change("b2", HttpPolicies.READ);

            assertTrue(PacketLab.await(() -> lab.connectionsCut() > 0));
            before.send(get("/admin/again"));
            assertEquals("HTTP/1.1 403", lab.curl("-i", ProxyLab.URL + "/admin").substring(0, 12));
        }
        assertEquals(List.of("GET /admin"), server.asked);
    }

    @Test
    void withoutTheProxyOnlyPortsWithHttpRulesAreClosed() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ).toBuilder()
                .setPrograms(
                        0,
                        HttpPolicies.program("b1", Direction.INGRESS, HttpPolicies.PORT, HttpPolicies.READ).toBuilder()
                                .addRules(Rule.newBuilder()
                                        .setPolicy("shop/api")
                                        .setAnyPeer(true)
                                        .addPorts(Port.newBuilder()
                                                .setProtocol("TCP")
                                                .setFirst(8081)
                                                .setLast(8081))))
                .build());
        try (WebServer plain = lab.serve(8081);
                RawHttp open = lab.raw()) {
            open.send(get("/api/v1/a")).until("\r\n0\r\n\r\n");

            lab.stopAgent();

            assertEquals("", open.rest());
            assertTrue(lab.curl("-m", "2", ProxyLab.URL + "/api/v1/a").contains("timed out"));
            assertTrue(lab.curl("http://10.0.0.2:8081/").startsWith("from 10.0.0.1"));
            assertEquals(List.of("GET /"), plain.asked);
        }
        assertEquals(List.of("GET /api/v1/a"), server.asked);
    }

    @Test
    void oneClientHoldsNoMoreThanItsShare() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));
        List<RawHttp> held = new ArrayList<>();
        try {
            for (int i = 0; i < 1_024; i++) {
                held.add(lab.raw());
            }
            assertTrue(PacketLab.await(() -> lab.connections() == 1_024));
            try (RawHttp more = lab.raw()) {
                assertEquals("", more.rest());
            }
            held.removeLast().close();
            assertTrue(PacketLab.await(() -> lab.connections() == 1_023));

            try (RawHttp again = lab.raw()) {
                assertTrue(again.send(get("/api/v1/a")).until("\r\n").contains("200"));
            }
        } finally {
            for (RawHttp raw : held) {
                raw.close();
            }
        }
    }

    @Test
    void whoSpeaksToTheListenerItselfIsNotServed() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));

        assertFalse(Lab.output(lab.packets.node, "curl", "-sS", "-m", "5", "http://127.0.0.1:7605/api/v1/a")
                .startsWith("from"));
    }

    @Test
    void aWebsocketIsPassedOnWhereItsRequestIs() throws Exception {
        start(HttpPolicies.serverTakes("b1", HttpPolicies.READ));
        String handshake = "Host: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        server.close();
        try (WebsocketModel _ = new WebsocketModel(lab.packets.namespace(ProxyLab.SERVER), HttpPolicies.PORT);
                RawHttp raw = lab.raw();
                RawHttp refused = lab.raw()) {
            raw.send("GET /api/v1/socket HTTP/1.1\r\n" + handshake);
            assertTrue(raw.until("\r\n\r\n").startsWith("HTTP/1.1 101"));
            raw.send("any bytes\r\n");
            assertEquals("any bytes\r\n", raw.until("\r\n"));

            assertTrue(refused.send("GET /socket HTTP/1.1\r\n" + handshake)
                    .until("\r\n")
                    .contains("403"));

            lab.change("b2", HttpPolicies.ORDER);
            assertEquals("", raw.rest());
        }
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }
}
