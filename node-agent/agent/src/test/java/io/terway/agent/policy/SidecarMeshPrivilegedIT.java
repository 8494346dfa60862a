package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.link.Notice;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pod that turns its connections to a sidecar has no HTTP rules: refused by an event, and closed until it ends. */
class SidecarMeshPrivilegedIT {

    private static final int SIDECAR = 15006;
    private static final String READ = ProxyLab.URL + "/api/v1/items";

    @TempDir
    private Path state;

    private ProxyLab lab;

    @AfterEach
    void leaveNothing() {
        if (lab != null) {
            lab.close();
        }
    }

    /** What meshes write: by iptables with its nft or its legacy back end, or by nft. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iptables-nft -t nat -N ISTIO_INBOUND; iptables-nft -t nat -N ISTIO_IN_REDIRECT;"
                        + " iptables-nft -t nat -A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006;"
                        + " iptables-nft -t nat -A PREROUTING -p tcp -j ISTIO_INBOUND;"
                        + " iptables-nft -t nat -A ISTIO_INBOUND -p tcp --dport 15008 -j RETURN;"
                        + " iptables-nft -t nat -A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT"
                        + "|iptables-nft -t nat -I ISTIO_INBOUND -p tcp --dport 8080 -j RETURN", // excludeInboundPorts
                "iptables-legacy -t nat -A PREROUTING -p tcp ! --dport 15008 -j REDIRECT --to-ports 15006|",
                "nft 'add table inet mesh; add chain inet mesh in { type nat hook prerouting priority dstnat; };"
                        + " add rule inet mesh in tcp dport 8080 redirect to :15006'|nft delete table inet mesh",
            })
    void httpRulesOfAPodWithAMeshAreRefusedByName(String mesh, String end) throws Exception {
        lab = new ProxyLab(state, HttpPolicies.serverTakes("b1", HttpPolicies.READ));
        Path pod = lab.packets.namespace(ProxyLab.SERVER);
        try (WebServer _ = lab.serve(HttpPolicies.PORT);
                WebServer _ = lab.serve(SIDECAR)) {
            assertTrue(lab.curl(READ).startsWith("from"));

            PacketLab.script(pod, mesh);

            assertTrue(PacketLab.await(() -> lab.curl("-i", READ).contains("as a sidecar mesh does")), "it is refused");
            assertTrue(PacketLab.await(() -> !lab.notices.isEmpty()));
            Notice notice = lab.notices.getFirst();
            assertEquals("SidecarMesh", notice.reason());
            assertEquals(
                    "shop/server",
                    notice.subject().namespace() + "/" + notice.subject().name());
            assertEquals(1, lab.notices.size());
            if (end != null) {
                PacketLab.script(pod, end);
                assertTrue(PacketLab.await(() -> lab.curl(READ).startsWith("from")), "it opens again");
            }
        }
    }
}
