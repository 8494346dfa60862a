package io.terway.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.link.Notice;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftProbe;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Direction;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.RequestPorts;
import io.terway.node.policy.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Namespaces of pods that write there what they like. */
class RedirectsPrivilegedIT {

    private static final List<PortSpan> WEB = List.of(new PortSpan(Transport.TCP, 8080, 8080));
    private static final RequestPorts BOTH = new RequestPorts(WEB, WEB);
    private static final Ip MESH = Ip.parse("10.0.0.2");
    private static final Ip OTHER = Ip.parse("10.0.0.3");

    private static final String HOOKS = """
            add table inet mesh
            add chain inet mesh in { type nat hook prerouting priority dstnat; }
            add chain inet mesh out { type nat hook output priority -100; }
            """;

    private final List<Notice> notices = new ArrayList<>();
    private final Redirects redirects = new Redirects(notices::add);
    private Lab lab;
    private Path mesh;
    private Path other;

    @BeforeEach
    void twoPods() {
        lab = Lab.open();
        Assumptions.assumeTrue(NetnsThread.callInNew(NftProbe::run) instanceof NftProbe.Supported, "kernel: nftables");
        mesh = lab.netns("mesh");
        other = lab.netns("other");
        redirects.follow(Map.of(pod("mesh", mesh, MESH), BOTH, pod("other", other, OTHER), BOTH));
    }

    @AfterEach
    void leaveNothing() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void connectionsBetweenLooksAreNoNews() {
        write(mesh, HOOKS + "add rule inet mesh out tcp dport 8080 counter redirect to :15001");
        Lab.output(mesh, "ip", "link", "set", "lo", "up");

        assertTrue(redirects.look());
        Lab.output(mesh, "sh", "-c", "curl -s -m 5 http://127.0.0.1:8080/ || true");
        assertFalse(Lab.output(mesh, "nft", "list", "ruleset").contains("packets 0 "), "some were redirected");

        assertFalse(redirects.look());
        assertEquals(1, notices.size());
        assertTrue(redirects.closes(Direction.EGRESS, MESH));
        assertFalse(redirects.closes(Direction.INGRESS, MESH));
        assertFalse(redirects.closes(Direction.EGRESS, OTHER));
    }

    @Test
    void theSameCauseIsToldInTheSameWordsWhateverThePodWrites() {
        for (int i = 1; i <= 3; i++) {
            write(
                    mesh,
                    HOOKS + "add rule inet mesh in tcp dport 8080 redirect to :" + i + " comment \"dport 9999999999" + i
                            + "\"");
            redirects.look();
            write(mesh, "delete table inet mesh");
            redirects.look();
        }

        assertEquals(3, notices.size());
        assertEquals(1, notices.stream().distinct().count());
        assertTrue(notices.getFirst().toString().contains("excludeInboundPorts"), notices::toString);
    }

    @Test
    void whatCannotBeReadClosesThatPodOnly() {
        String many = IntStream.range(0, 60_000)
                .mapToObj(i -> "10.1." + (i >> 8) + "." + (i & 255))
                .collect(Collectors.joining(", "));
        write(mesh, HOOKS + "add rule inet mesh in ip saddr { " + many + " } accept");
        write(other, HOOKS + "add rule inet mesh in tcp dport 8080 redirect to :15006");

        assertTrue(redirects.look());

        assertTrue(redirects.closes(Direction.INGRESS, MESH));
        assertTrue(redirects.closes(Direction.INGRESS, OTHER));
        assertFalse(redirects.closes(Direction.EGRESS, OTHER));
        assertEquals(
                Map.of("mesh", true, "other", false),
                notices.stream()
                        .collect(Collectors.toMap(
                                notice -> notice.subject().name(),
                                notice -> notice.toString().contains("could not be read"))));
    }

    @Test
    void elementsOfNamedSetsAreNotRead() {
        String many = IntStream.range(0, 60_000)
                .mapToObj(i -> "10.1." + (i >> 8) + "." + (i & 255))
                .collect(Collectors.joining(", "));
        write(mesh, HOOKS + "add set inet mesh s { type ipv4_addr; }\nadd element inet mesh s { " + many + " }");

        assertFalse(redirects.look());

        assertEquals(List.of(), notices);
        int text =
                NetnsThread.call(mesh, () -> Nft.rulesHere(512 << 10).orThrow().length());
        assertTrue(text < 1_000, () -> text + " characters");
    }

    private static void write(Path netns, String commands) {
        NetnsThread.call(netns, () -> Nft.runHere(commands).orThrow());
    }

    private static Binding pod(String name, Path netns, Ip ip) {
        return new Binding(
                new SandboxKey("terway", "sandbox-" + name, "eth0"),
                new PodLife(new PodRef("shop", name), "uid-" + name),
                netns,
                List.of(new HeldAddress(ip, new EniId("eni-a"))),
                false,
                new BootTime("b0071d00-0000-4000-8000-000000000001", Duration.ZERO),
                1);
    }
}
