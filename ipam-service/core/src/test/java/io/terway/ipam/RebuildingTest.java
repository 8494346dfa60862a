package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rule 5, its second half: an agent that lost its ledger is told what was known, and believed when it accounts for it. */
class RebuildingTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName NODE = new NodeName("n1");
    private static final SessionId FIRST = new SessionId("s1");
    private static final SessionId SECOND = new SessionId("s2");
    private static final EniId ENI = new EniId("eni-1");
    private static final EniIp HELD = new EniIp(Ip.parse("10.0.64.10"), ENI);
    private static final EniIp FREE = new EniIp(Ip.parse("10.0.64.11"), ENI);
    private static final EniIp WITHDRAWN = new EniIp(Ip.parse("10.0.64.12"), ENI);
    private static final Binding BINDING = binding("c1", HELD);

    private final IpamLoop loop = new IpamLoop(1);

    private static Binding binding(String container, EniIp address) {
        SandboxKey key = new SandboxKey("terway", container, "eth0");
        return new Binding(key, ModelAgent.holder(key), List.of(address), false, 1);
    }

    private static Ledger.Numbered offered(EniIp address) {
        return new Ledger.Numbered(address, 1);
    }

    @BeforeEach
    void aNodeWithOnePod() {
        open(FIRST, NODE, "ledger-1", false);
        var ledger = new Ledger(
                List.of(BINDING), List.of(offered(HELD), offered(FREE)), List.of(offered(WITHDRAWN)), List.of());
        loop.step(new IpamEvent.LedgerReceived(FIRST, ledger), NOW);
        loop.step(new IpamEvent.SessionClosed(FIRST), NOW);
    }

    private List<IpamCommand> open(SessionId session, NodeName node, String ledgerId, boolean rebuilding) {
        var identity = new NodeIdentity(node, "uid-" + node, new InstanceId("i-" + node), ledgerId);
        var hello = new Hello(
                identity,
                "boot",
                0,
                0,
                new ZoneId("z"),
                new InstanceType("ecs.g7.xlarge"),
                Duration.ofDays(1),
                rebuilding);
        return loop.step(new IpamEvent.SessionOpened(session, hello), NOW);
    }

    private Optional<String> refusal(Binding... bindings) {
        return refusal(new Ledger(List.of(bindings), List.of(offered(HELD)), List.of(), List.of()));
    }

    /** Why a ledger made anew is not believed; empty when it is. */
    private Optional<String> refusal(Ledger rebuilt) {
        open(SECOND, NODE, "ledger-2", true);
        List<IpamCommand> commands = loop.step(new IpamEvent.LedgerReceived(SECOND, rebuilt), NOW);
        Optional<String> refusal = commands.stream()
                .filter(c -> c instanceof IpamCommand.EndSession)
                .map(c -> ((IpamCommand.EndSession) c).reason())
                .findFirst();
        boolean welcomed =
                commands.stream().anyMatch(c -> c instanceof IpamCommand.Say say && say.word() instanceof Word.Welcome);
        assertEquals(refusal.isEmpty(), welcomed);
        return refusal;
    }

    @Test
    void tellsWhatWasHeldAndWhatMayBeUsed() {
        List<Word> words = new ArrayList<>();
        for (IpamCommand command : open(SECOND, NODE, "ledger-2", true)) {
            if (command instanceof IpamCommand.Say say) {
                words.add(say.word());
            }
        }
        Word.LastView view = assertInstanceOf(Word.LastView.class, words.getFirst());
        assertTrue(view.known());
        assertEquals(List.of(BINDING), view.bindings());
        assertEquals(
                List.of(HELD, FREE),
                view.offered().stream()
                        .map(Ledger.Numbered::address)
                        .sorted(this::byIp)
                        .toList());
        assertEquals(1, words.size(), "no welcome before the ledger");
    }

    private int byIp(EniIp a, EniIp b) {
        return a.ip().compareTo(b.ip());
    }

    @Test
    void tellsAnUnknownNodeThatNothingIsKnown() {
        List<IpamCommand> said = open(SECOND, new NodeName("n2"), "ledger-2", true);
        assertTrue(said.contains(new IpamCommand.Say(SECOND, Word.LastView.NONE)), said.toString());
    }

    @Test
    void believesALedgerThatAccountsForEveryPod() {
        assertEquals(Optional.empty(), refusal(BINDING));
    }

    @Test
    void believesInAPodMoreThatWasNotReported() {
        assertEquals(Optional.empty(), refusal(BINDING, binding("c2", FREE)));
        assertTrue(loop.view(NODE).orElseThrow().addresses().stream()
                .anyMatch(line -> line.address().equals(FREE) && line.state() instanceof AddressState.Bound));
    }

    @Test
    void quarantinesALedgerThatMissesAPod() {
        assertTrue(refusal().orElseThrow().contains("terway/c1/eth0 holds []"), refusal()::toString);
    }

    @Test
    void quarantinesALedgerThatSaysAnotherAddress() {
        assertTrue(refusal(binding("c1", FREE)).isPresent());
    }

    @Test
    void quarantinesALedgerThatUsesWhatItsNodeWithdrew() {
        String why = refusal(BINDING, binding("c2", WITHDRAWN)).orElseThrow();
        assertTrue(why.contains("10.0.64.12, which the node had durably withdrawn"), why);
    }

    @Test
    void quarantinesALedgerThatUsesWhatAnotherNodeHas() {
        EniIp theirs = new EniIp(Ip.parse("10.0.64.99"), new EniId("eni-2"));
        SessionId other = new SessionId("s3");
        open(other, new NodeName("n2"), "ledger-3", false);
        loop.step(
                new IpamEvent.LedgerReceived(
                        other, new Ledger(List.of(), List.of(offered(theirs)), List.of(), List.of())),
                NOW);
        String why = refusal(BINDING, binding("c2", theirs)).orElseThrow();
        assertTrue(why.contains("10.0.64.99, which node n2 has by now"), why);
    }

    /** What a power loss of ipam-service's host takes away as well: the kernel alone speaks. */
    @Test
    void believesANodeThatNobodyKnowsAnyMore() {
        IpamLoop next = new IpamLoop(2);
        var identity = new NodeIdentity(NODE, "uid-n1", new InstanceId("i-n1"), "ledger-2");
        var hello = new Hello(
                identity, "boot", 0, 0, new ZoneId("z"), new InstanceType("ecs.g7.xlarge"), Duration.ofDays(1), true);
        next.step(
                new IpamEvent.NodeSeen(NODE, "uid-n1", Optional.empty(), Optional.of("ledger-1"), PoolOverride.NONE),
                NOW);
        next.step(new IpamEvent.SessionOpened(SECOND, hello), NOW);
        List<IpamCommand> commands = next.step(
                new IpamEvent.LedgerReceived(
                        SECOND, new Ledger(List.of(BINDING), List.of(offered(HELD)), List.of(), List.of())),
                NOW);
        assertTrue(commands.contains(new IpamCommand.Anchor(NODE, "ledger-2")), commands.toString());
    }

    @Test
    void tellsAnUnknownNodeWhatTheCloudShowsOnItOnceThatWasAsked() {
        NodeName unknown = new NodeName("n2");
        InstanceId instance = new InstanceId("i-n2");
        assertTrue(open(SECOND, unknown, "ledger-2", true).contains(new IpamCommand.Describe(instance, true)));
        var eni = new CloudEni(
                ENI,
                new Mac(1),
                new VSwitchId("vsw-1"),
                List.of(Cidr.parse("10.0.64.0/20")),
                Optional.empty(),
                List.of(HELD.ip(), FREE.ip()),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.SECONDARY,
                true);
        loop.step(
                new IpamEvent.InstanceSeen(new CloudInstance(
                        instance,
                        new InstanceType("ecs.g7.xlarge"),
                        new ZoneId("z"),
                        false,
                        new InstanceLimits(4, 15, 0),
                        List.of(eni),
                        Optional.empty(),
                        List.of())),
                NOW);
        var view = new Word.LastView(false, List.of(), List.of(offered(HELD), offered(FREE)), List.of(eni), Set.of());
        List<IpamCommand> again = open(new SessionId("s4"), unknown, "ledger-3", true);
        assertTrue(again.contains(new IpamCommand.Say(new SessionId("s4"), view)), again.toString());
    }
}
