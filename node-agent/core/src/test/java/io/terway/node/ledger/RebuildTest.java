package io.terway.node.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RebuildTest {

    private static final BootTime NOW = Samples.at(1000);
    private static final Witnesses.View NOTHING = new Witnesses.View(false, List.of(), List.of(), List.of());

    private final List<Witnesses.Connected> kernel = new ArrayList<>();
    private LedgerState old = new LedgerState();
    private Witnesses.View view = NOTHING;
    private Optional<PodLife> pod = Optional.empty();
    private boolean fixed;
    private boolean exists = true;

    /** What ipam-service knows of these sandboxes on ENI A, which has addresses 1 to 4. */
    private static Witnesses.View view(Binding... bindings) {
        LedgerEntry.Offered offer = Samples.offer(Samples.ENI_A, 1, 4, 10);
        return new Witnesses.View(true, List.of(bindings), offer.enis(), offer.addresses());
    }

    private static Binding binding(String container, int ip) {
        return Samples.binding(container, Samples.ip(ip), Samples.ENI_A, 1);
    }

    private void connected(String container, int... ips) {
        List<Ip> addresses = new ArrayList<>();
        for (int ip : ips) {
            addresses.add(Samples.ip(ip));
        }
        kernel.add(new Witnesses.Connected(
                container, "eth0", "cali" + container, addresses, Optional.of(Path.of("/run/netns", container))));
    }

    private Rebuild.Outcome outcome() {
        return Rebuild.of(
                "ledger-0002",
                7,
                new Witnesses(old, view, kernel, _ -> pod.map(life -> new Witnesses.Named(life, fixed)), _ -> exists),
                NOW);
    }

    private LedgerState rebuilt() {
        return assertInstanceOf(Rebuild.Outcome.Rebuilt.class, outcome()).state();
    }

    private String unexplained() {
        return assertInstanceOf(Rebuild.Outcome.Unexplained.class, outcome()).why();
    }

    @Test
    void whoIsConnectedAndKnownHoldsItsAddress() {
        view = view(binding("one", 1));
        connected("one", 1);
        LedgerState state = rebuilt();
        Binding held = state.holder(Samples.ip(1)).orElseThrow();
        assertEquals(Samples.key("one"), held.key());
        assertEquals(Path.of("/run/netns/one"), held.netns());
        assertEquals(7, state.sequence());
        assertEquals("ledger-0002", state.ledgerId());
    }

    @Test
    void aBindThatWasNotReportedIsTakenFromTheOldLedger() {
        view = view();
        old = Samples.of(Samples.offer(Samples.ENI_A, 1, 4, 10), new LedgerEntry.Bound(binding("one", 1)));
        connected("one", 1);
        assertEquals(
                Samples.key("one"),
                rebuilt().holder(Samples.ip(1)).orElseThrow().key());
    }

    @Test
    void aBindThatNobodyKeptIsGuessedByTheNameOfItsLink() {
        view = view();
        pod = Optional.of(Samples.pod("web", "uid"));
        connected("one", 1);
        Binding guessed = rebuilt().holder(Samples.ip(1)).orElseThrow();
        assertEquals(pod.get(), guessed.pod());
        assertEquals(Samples.ENI_A.id(), guessed.eni());
    }

    @Test
    void aGuessedPodThatAsksForAFixedAddressHasOne() {
        view = view();
        pod = Optional.of(Samples.pod("web", "uid"));
        fixed = true;
        connected("one", 1);
        assertTrue(rebuilt().holder(Samples.ip(1)).orElseThrow().fixed());
    }

    @Test
    void aPodWhoseOwnLinkIsOfAnotherNodesEniIsThatNodes() {
        view = view();
        kernel.add(new Witnesses.Connected(
                "one",
                "eth0",
                "calione",
                List.of(Ip.parse("10.0.99.1")),
                Optional.empty(),
                List.of(),
                Optional.of(new EniId("eni-of-another"))));
        assertEquals(List.of(), List.copyOf(rebuilt().bindings()));
    }

    @Test
    void whatAPodGaveItsOwnLinkBesidesIsNotBelieved() {
        view = view(binding("one", 1));
        connected("one", 1);
        kernel.add(new Witnesses.Connected(
                "two",
                "eth0",
                "calitwo",
                List.of(Samples.ip(1), Ip.parse("9.9.9.9")),
                Optional.empty(),
                List.of(),
                Optional.of(Samples.ENI_B.id())));

        assertEquals(
                Samples.key("one"),
                rebuilt().holder(Samples.ip(1)).orElseThrow().key());
        assertEquals(1, rebuilt().bindings().size());
    }

    @Test
    void portsOfTheNodeGoOnLeadingToWhoIsConnected() {
        List<HostPort> ports = List.of(HostPort.everywhere(Transport.TCP, Family.IPV4, 8080, 80));
        pod = Optional.of(Samples.pod("web", "uid"));
        view = view(binding("one", 1));
        for (int i = 1; i <= 2; i++) { // the second is guessed
            String container = i == 1 ? "one" : "two";
            kernel.add(new Witnesses.Connected(container, "eth0", "cali" + i, List.of(Samples.ip(i)), Optional.empty())
                    .at(ports));
        }

        LedgerState state = rebuilt();

        assertEquals(ports, state.holder(Samples.ip(1)).orElseThrow().hostPorts());
        assertEquals(ports, state.holder(Samples.ip(2)).orElseThrow().hostPorts());
    }

    @Test
    void whatNobodyCanExplainKeepsTheQuarantine() {
        view = view();
        connected("one", 1);
        assertTrue(unexplained().contains("link calione of container one has addresses [10.0.64.1]"), unexplained());
    }

    @Test
    void aLinkWithoutRoutesHoldsNothing() {
        view = view();
        connected("one");
        assertEquals(List.of(), List.copyOf(rebuilt().bindings()));
    }

    @Test
    void whoIsOnlyKnownGoesOnHolding() {
        view = view(binding("one", 1));
        assertEquals(
                Samples.key("one"),
                rebuilt().holder(Samples.ip(1)).orElseThrow().key());
    }

    @Test
    void whatTheKernelHasGivenToAnotherIsNoLongerHeldByTheOld() {
        old = Samples.of(Samples.offer(Samples.ENI_A, 1, 4, 10), new LedgerEntry.Bound(binding("one", 1)));
        view = view(binding("two", 1));
        connected("two", 1);
        LedgerState state = rebuilt();
        assertEquals(
                Samples.key("two"), state.holder(Samples.ip(1)).orElseThrow().key());
        assertEquals(1, state.bindings().size());
    }

    @Test
    void twoWhoWouldHoldOneAddressKeepTheQuarantine() {
        view = view(binding("one", 1), binding("two", 1));
        assertTrue(unexplained().contains("10.0.64.1 is held by"), unexplained());
    }

    @Test
    void whoOnlyTheOldLedgerKnowsHoldsAsLongAsItsNamespaceExists() {
        old = Samples.of(Samples.offer(Samples.ENI_A, 1, 4, 10), new LedgerEntry.Bound(binding("one", 1)));
        view = view();
        assertEquals(1, rebuilt().bindings().size());
        exists = false;
        assertEquals(0, rebuilt().bindings().size());
    }

    @Test
    void everyFreeAddressRestsInFull() {
        view = view(binding("one", 1));
        LedgerState state = rebuilt();
        for (int free = 2; free <= 4; free++) {
            assertEquals(Duration.ofSeconds(30), state.coolingLeft(Samples.ip(free), NOW));
        }
    }

    @Test
    void aFixedAddressThatRestsStaysItsPods() {
        Cooling fixed = new Cooling(Samples.ip(2), Samples.pod("db-0", "uid"), true, Samples.at(5));
        old = Samples.of(new LedgerEntry.Rested(fixed));
        view = view();
        assertTrue(rebuilt().lastRelease(Samples.ip(2)).orElseThrow().exempts(Samples.pod("db-0", "next")));
    }

    @Test
    void whatOnlyTheOldLedgerOffersIsNotUsed() {
        old = Samples.of(Samples.offer(Samples.ENI_B, 20, 4, 10));
        view = view();
        assertTrue(rebuilt().offered(Samples.ip(20)).isEmpty());
        view = NOTHING;
        assertEquals(0, rebuilt().offered().size());
    }

    @Test
    void whereNothingIsKnownThePodsOfTheKernelKeepTheirs() {
        old = Samples.of(Samples.offer(Samples.ENI_A, 1, 4, 10), new LedgerEntry.Bound(binding("one", 1)));
        connected("one", 1);
        LedgerState state = rebuilt();
        assertEquals(1, state.offered().size());
        assertEquals(Optional.of(Samples.ENI_A), state.eni(Samples.ENI_A.id()));
    }

    @Test
    void whereNothingIsKnownTheCloudTellsTheEniOfWhatIsConnected() {
        LedgerEntry.Offered shown = Samples.offer(Samples.ENI_A, 1, 4, 1);
        view = new Witnesses.View(false, List.of(), shown.enis(), shown.addresses());
        pod = Optional.of(Samples.pod("web", "uid"));
        connected("one", 1);
        LedgerState state = rebuilt();
        assertEquals(
                Samples.ENI_A.id(), state.holder(Samples.ip(1)).orElseThrow().eni());
        assertEquals(1, state.offered().size(), "the others may be another's by now");
    }

    @Test
    void howAGuessedSandboxIsConnectedFollowsFromItsEni() {
        pod = Optional.of(Samples.pod("web", "uid"));
        LedgerEntry.Offered own = Samples.offer(Samples.ENI_A, 250, 1, 1);
        view = new Witnesses.View(true, List.of(), own.enis(), own.addresses());
        connected("one", 250); // the ENI's own first address
        assertEquals(
                Attachment.EXCLUSIVE,
                rebuilt().holder(Samples.ip(250)).orElseThrow().attachment());
        LedgerEntry.Offered member = Samples.memberOffer(1);
        view = new Witnesses.View(true, List.of(), member.enis(), member.addresses());
        kernel.clear();
        connected("two", 200);
        assertEquals(
                Attachment.TRUNK_MEMBER,
                rebuilt().holder(Samples.ip(200)).orElseThrow().attachment());
    }

    @Test
    void noLeaderOfThePastIsObeyed() {
        old = Samples.of(new LedgerEntry.TermSeen(9));
        assertEquals(9, rebuilt().term());
    }
}
