package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.denial.WatchFilter;
import io.terway.agent.denial.Watcher;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.Transport;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Denied packets, as those who watch see them. */
class DenialsPrivilegedIT {

    private static final Ip SERVER = Ip.parse("10.0.0.2");
    private static final Ip OTHER = Ip.parse("10.0.0.3");
    private static final PolicyUpdate CLOSED = Updates.full()
            .addPrograms(Updates.program("b1", Direction.INGRESS, "a1"))
            .addPods(Updates.pod("server", "b1", ""))
            .build();

    private final PacketLab lab = new PacketLab(3);

    @TempDir
    private Path state;

    private PolicyParts parts;

    @AfterEach
    void leaveNothing() {
        if (parts != null) {
            parts.close();
        }
        lab.close();
    }

    private void start(Path netns, PolicyModel service, List<Binding> bound) {
        Told audited = new Told(_ -> {}, _ -> Optional.empty(), true, Optional.empty());
        parts = new PolicyParts(
                new PolicyParts.Settings(new NodeName("node-1"), "kube-system", state, netns, audited),
                () -> List.of(service.address()),
                address -> LeaderChannel.to(
                        address,
                        new LeaderChannel.Settings(
                                "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                () -> true,
                new SimpleMeterRegistry());
        parts.start(bound);
    }

    @Test
    void whoWatchesSeesBothEndsByNameAndThePolicy() throws Exception {
        try (PolicyModel service = new PolicyModel(CLOSED)) {
            start(lab.node, service, List.of(Updates.binding("server", "10.0.0.2")));
            service.next();
            service.next();

            assertTold(watch("", ""));
            assertTold(watch("shop", "server"));
            assertTold(watch("else", ""));
            assertEquals(20, parts.toldPerSecond());
        }
    }

    @Test
    void alsoWhatIsDeniedInsideOfAPod() throws Exception {
        Binding pod = Updates.binding("server", lab.namespace(SERVER), "10.0.0.2");
        try (PolicyModel service = new PolicyModel(CLOSED)) {
            start(lab.empty("elsewhere"), service, List.of());
            service.next();
            service.next();
            parts.gate().admit(pod, true);

            assertTold(watch("", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoSendsInAnothersNameIsNamed(boolean inside) throws Exception {
        Binding pod = Updates.binding("server", lab.namespace(SERVER), "10.0.0.2");
        try (PolicyModel service = new PolicyModel(Updates.full().build())) {
            start(inside ? lab.empty("elsewhere") : lab.node, service, inside ? List.of() : List.of(pod));
            service.next();
            service.next();
            if (inside) {
                parts.gate().admit(pod, true);
            }
            Watcher watcher = watch("shop", "server");

            Denial[] told = {null};
            assertTrue(PacketLab.await(() -> {
                new ForgedPacket(OTHER, Ip.parse("10.0.0.1"), 4000, (byte) 1).sendFrom(lab.namespace(SERVER));
                told[0] = next(watcher, true);
                return told[0] != null;
            }));
            assertEquals(Direction.EGRESS, told[0].getDirection());
            assertEquals("10.0.0.3", told[0].getFrom().getAddress());
            assertEquals("server", told[0].getFrom().getPod().getName());
            assertEquals("10.0.0.1", told[0].getTo().getAddress());
            assertEquals(List.of("the source is another's"), told[0].getPoliciesList());
        }
    }

    /** A process with NET_ADMIN in a pod can log what it likes there. */
    @Test
    void aPodForgesNoDenialOfOthers() throws Exception {
        Binding pod = Updates.binding("server", lab.namespace(SERVER), "10.0.0.2");
        try (PolicyModel service = new PolicyModel(CLOSED)) {
            start(lab.empty("elsewhere"), service, List.of());
            service.next();
            service.next();
            parts.gate().admit(pod, true);
            PacketLab.script(
                    lab.namespace(SERVER),
                    "ip addr add 10.0.0.77/32 dev eth0; nft 'add table inet forge; add chain inet forge o { type filter hook"
                            + " output priority 0; }; add rule inet forge o ip saddr 10.0.0.77 log prefix \"egress\" group 7604;'"
                            + "; (while sleep 0.02; do ping -c1 -W1 -I 10.0.0.77 10.0.0.3 || true; done) >/dev/null 2>&1 & echo $! > "
                            + state.resolve("pid"));
            Watcher watcher = watch("", "");
            try {
                for (int i = 0; i < 3; i++) {
                    assertTold(watcher); // the first it is told of each time is the pod's own
                }
            } finally {
                PacketLab.script(lab.node, "kill $(cat " + state.resolve("pid") + ")");
            }
        }
    }

    @Test
    void nobodyIsToldOfOthers() throws Exception {
        try (PolicyModel service = new PolicyModel(CLOSED)) {
            start(lab.node, service, List.of(Updates.binding("server", "10.0.0.2")));
            service.next();
            service.next();
            Watcher stranger = watch("other", "");

            assertTold(watch("", ""));

            assertEquals(0, stranger.next(Duration.ofMillis(1)).getDenialsCount());
        }
    }

    @Test
    void whatIsDeniedIsReportedForTheAuditUntilItIsTaken() throws Exception {
        try (PolicyModel service = new PolicyModel(CLOSED)) {
            start(lab.node, service, List.of(Updates.binding("server", "10.0.0.2")));
            service.next();
            service.next();

            assertTrue(PacketLab.await(() -> {
                lab.passing(List.of(new PacketLab.Attempt(OTHER, SERVER, Transport.TCP, 80)), _ -> false);
                return service.reports().size() >= 2;
            }));

            var refused = service.reports().getFirst();
            assertEquals("node-1", refused.getNodeName());
            assertEquals("where", refused.getDenials(0).getFrom().getPod().getName());
            assertEquals(refused, service.reports().get(1), "it is sent again as it was");
        }
    }

    private Watcher watch(String namespace, String pod) {
        return parts.feed().watch(new WatchFilter(namespace, pod)).orElseThrow();
    }

    /** Tries again, because a table may just be made and a log just be opened. */
    private void assertTold(Watcher watcher) {
        Denial[] told = {null};
        assertTrue(PacketLab.await(() -> {
            lab.passing(List.of(new PacketLab.Attempt(OTHER, SERVER, Transport.TCP, 80)), _ -> false);
            told[0] = next(watcher, false);
            return told[0] != null && told[0].getFrom().hasPod();
        }));
        assertEquals(Direction.INGRESS, told[0].getDirection());
        assertEquals("10.0.0.3", told[0].getFrom().getAddress());
        assertEquals("where", told[0].getFrom().getPod().getName());
        assertEquals("10.0.0.2", told[0].getTo().getAddress());
        assertEquals("server", told[0].getTo().getPod().getName());
        assertEquals(Transport.TCP.number(), told[0].getProtocol());
        assertEquals(80, told[0].getPort());
        assertEquals(List.of("shop/policy"), told[0].getPoliciesList());
        assertTrue(told[0].getCount() >= 1);
    }

    private static Denial next(Watcher watcher, boolean forged) {
        try {
            return watcher.next(Duration.ofSeconds(1)).getDenialsList().stream()
                    .filter(denial -> denial.getForged() == forged)
                    .findFirst()
                    .orElse(null);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
