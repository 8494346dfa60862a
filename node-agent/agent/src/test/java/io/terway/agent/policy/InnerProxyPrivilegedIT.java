package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP rules of pods whose link is the VPC's own: the proxy listens inside of them. And of what pods ask others. */
class InnerProxyPrivilegedIT {

    /** What the pod itself may ask others for. */
    private static final PolicyUpdate POD_ASKS = Updates.full()
            .addPrograms(HttpPolicies.program("e1", Direction.EGRESS, HttpPolicies.PORT, HttpPolicies.READ))
            .addPods(Updates.pod("server", "", "e1"))
            .build();

    @TempDir
    private Path state;

    private ProxyLab lab;

    @AfterEach
    void leaveNothing() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "[fd00::2]"})
    void whatOthersAskThePodIsJudgedInsideOfIt(String host) throws Exception {
        lab = new ProxyLab(state, HttpPolicies.serverTakes("b1", HttpPolicies.READ), true);
        try (WebServer server = lab.serve(HttpPolicies.PORT)) {
            String base = "http://" + host + ":8080";

            String read = lab.curl(base + "/api/v1/items");
            assertTrue(read.startsWith("from " + (host.contains(":") ? "fd00:0:0:0:0:0:0:1" : "10.0.0.1")), read);
            assertTrue(lab.curl("-i", base + "/admin").startsWith("HTTP/1.1 403"));
            assertTrue(
                    lab.curlOf(ProxyLab.SERVER, base + "/own")
                            .startsWith("from " + (host.contains(":") ? "fd00" : "10.0.0.2")),
                    "a pod reaches itself");
            assertEquals(List.of("GET /api/v1/items", "GET /own"), server.asked);

            lab.stopAgent();
            assertTrue(lab.curl("-m", "2", base + "/api/v1/items").contains("timed out"));
        }
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1, true", "[fd00::1], true", "10.0.0.1, false", "[fd00::1], false"})
    void whatThePodAsksOthersIsJudgedToo(String host, boolean inside) throws Exception {
        lab = new ProxyLab(state, POD_ASKS, inside);
        try (WebServer other = new WebServer(lab.packets.namespace(ProxyLab.CLIENT), HttpPolicies.PORT)) {
            String base = "http://" + host + ":8080";

            String read = lab.curlOf(ProxyLab.SERVER, base + "/api/v1/items");
            assertTrue(read.startsWith("from " + (host.contains(":") ? "fd00:0:0:0:0:0:0:2" : "10.0.0.2")), read);
            String refused = lab.curlOf(ProxyLab.SERVER, "-i", base + "/admin");
            assertTrue(refused.startsWith("HTTP/1.1 403"), refused);
            assertTrue(refused.contains("x-terway-policy: denied egress"), refused);
            assertEquals(List.of("GET /api/v1/items"), other.asked);

            lab.stopAgent();
            assertFalse(lab.curlOf(ProxyLab.SERVER, "-m", "2", base + "/api/v1/items")
                    .startsWith("from"));
        }
    }

    @Test
    void aLargeBodyStreamsOutOfThePod() throws Exception {
        lab = new ProxyLab(state, HttpPolicies.serverTakes("b1", HttpPolicies.READ), true);
        try (WebServer server = lab.serve(HttpPolicies.PORT)) {
            String fetched = lab.curl("-o", "/dev/null", "-w", "%{size_download}", ProxyLab.URL + "/api/v1/large");
            assertEquals((64L << 20) + "from 10.0.0.1 0\n".length(), Long.parseLong(fetched));
            assertEquals(1, server.asked.size());
        }
    }
}
