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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName NODE = new NodeName("n1");
    private static final SessionId FIRST = new SessionId("first");
    private static final SessionId SECOND = new SessionId("second");
    private static final EniIp ADDRESS = new EniIp(Ip.parse("10.0.64.5"), new EniId("eni-1"));
    private static final SandboxKey SANDBOX = ModelAgent.sandbox(1);

    private final IpamLoop loop = new IpamLoop(1);

    @Test
    void aSessionStillToSyncIsReplacedByANewerOneOfTheSameNode() {
        open(FIRST, "ledger", 0);

        List<IpamCommand> commands = open(SECOND, "ledger", 0);

        assertEquals(
                List.of(new IpamCommand.EndSession(FIRST, IpamCommand.End.REPLACED, "replaced by a newer session")),
                commands);
        assertEquals(1, loop.sessions());
    }

    @Test
    void theLateEndOfAReplacedSessionLeavesTheNewerOne() {
        open(FIRST, "ledger", 0);
        open(SECOND, "ledger", 0);
        loop.step(new IpamEvent.SessionClosed(FIRST), NOW);

        loop.step(new IpamEvent.LedgerReceived(SECOND, Ledger.EMPTY), NOW);

        assertTrue(loop.view(NODE).orElseThrow().connected());
    }

    @Test
    void coolDownsRunOnWhenAnotherLedgerIsBelieved() {
        releaseUnder("ledger");
        open(SECOND, "another", 0);

        loop.step(new IpamEvent.LedgerReceived(SECOND, Ledger.EMPTY), NOW);

        AddressState.Cooling cooling = assertInstanceOf(AddressState.Cooling.class, state());
        assertEquals(NOW.plusSeconds(30), cooling.until());
    }

    @Test
    void anAddressThatTheNewLedgerDoesNotKnowMustBeOfferedAgainAfterItsCoolDown() {
        releaseUnder("ledger");
        open(SECOND, "another", 0);
        loop.step(new IpamEvent.LedgerReceived(SECOND, Ledger.EMPTY), NOW);

        loop.step(new IpamEvent.Tick(), NOW.plusSeconds(31));

        assertInstanceOf(AddressState.Supplied.class, state());
    }

    /** Found by the simulation: the proof that a former machine is gone was missed, and nobody looked again. */
    @Test
    void asksTheCloudAboutTheFormerMachineOfANodeNameThatComesBack() {
        open(FIRST, "ledger", 0);
        loop.step(new IpamEvent.LedgerReceived(FIRST, Ledger.EMPTY), NOW);

        List<IpamCommand> commands = loop.step(
                new IpamEvent.SessionOpened(
                        SECOND,
                        new Hello(
                                new NodeIdentity(NODE, "uid-2", new InstanceId("i-n1-2"), "ledger-2"),
                                "boot",
                                0,
                                0,
                                new ZoneId("z"),
                                new InstanceType("ecs.g7.xlarge"))),
                NOW);

        assertTrue(commands.contains(new IpamCommand.Describe(new InstanceId("i-n1"), true)), commands.toString());
    }

    /** Found by the simulation: a node's own disk came back as it had been, and the leader that knew better was gone. */
    @Test
    void whatALedgerMayUseAndTheCloudDoesNotHaveIsWithdrawnAtOnce() {
        openWhatTheCloudHasShown();
        var elsewhere = new EniIp(Ip.parse("10.0.64.6"), new EniId("eni-1"));
        var old = new Ledger(
                List.of(),
                List.of(new Ledger.Numbered(ADDRESS, 1), new Ledger.Numbered(elsewhere, 1)),
                List.of(),
                List.of());

        List<IpamCommand> commands = loop.step(new IpamEvent.LedgerReceived(FIRST, old), NOW);

        assertTrue(
                commands.contains(new IpamCommand.Say(FIRST, new Word.Withdraw(2, List.of(elsewhere.ip()), List.of()))),
                commands.toString());
    }

    /** Found by the simulation: the ledger showed it as withdrawn, its newer offer and its pod had gone with the power. */
    @Test
    void nothingLeavesANodeThatHasJustBootedBeforeTheCoolDown() {
        var identity = new NodeIdentity(NODE, "uid", new InstanceId("i-n1"), "ledger");
        loop.step(new IpamEvent.InstanceSeen(instance()), NOW);
        loop.step(
                new IpamEvent.SessionOpened(
                        FIRST,
                        new Hello(
                                identity,
                                "boot",
                                0,
                                0,
                                new ZoneId("z"),
                                new InstanceType("ecs.g7.xlarge"),
                                Duration.ofSeconds(4))),
                NOW);
        var withdrawn = new Ledger(List.of(), List.of(), List.of(new Ledger.Numbered(ADDRESS, 1)), List.of());
        loop.step(new IpamEvent.LedgerReceived(FIRST, withdrawn), NOW);

        assertEquals(List.of(), takenOff(NOW.plusSeconds(25)));

        assertEquals(List.of(ADDRESS.ip()), takenOff(NOW.plusSeconds(26)));
    }

    /** Found by the simulation: the cloud had given an address to another ENI since, which looked empty and was deleted. */
    @Test
    void anEniStaysThatHasWhatTheLedgerHasOnAnother() {
        openWhatTheCloudHasShown();
        var own = new EniIp(Ip.parse("10.0.64.4"), ADDRESS.eni());
        var elsewhere = new EniIp(ADDRESS.ip(), new EniId("eni-0"));
        var old = new Ledger(
                List.of(), List.of(new Ledger.Numbered(elsewhere, 1)), List.of(new Ledger.Numbered(own, 1)), List.of());
        loop.step(new IpamEvent.LedgerReceived(FIRST, old), NOW);

        assertEquals(List.of(), deleted(loop.step(new IpamEvent.Tick(), NOW.plusSeconds(60))));

        var letGo = new IpamEvent.WithdrawAcked(FIRST, 2, List.of(ADDRESS.ip()), List.of());
        assertEquals(List.of(ADDRESS.eni()), deleted(loop.step(letGo, NOW.plusSeconds(61))));
    }

    private void openWhatTheCloudHasShown() {
        var identity = new NodeIdentity(NODE, "uid", new InstanceId("i-n1"), "ledger");
        loop.step(new IpamEvent.InstanceSeen(instance()), NOW);
        loop.step(
                new IpamEvent.SessionOpened(
                        FIRST, new Hello(identity, "boot", 0, 0, new ZoneId("z"), new InstanceType("ecs.g7.xlarge"))),
                NOW);
    }

    private static List<EniId> deleted(List<IpamCommand> commands) {
        return commands.stream()
                .filter(command -> command instanceof PoolCommand.DeleteEni)
                .map(command -> ((PoolCommand.DeleteEni) command).eni())
                .toList();
    }

    private List<Ip> takenOff(Instant now) {
        return loop.step(new IpamEvent.Tick(), now).stream()
                .filter(command -> command instanceof PoolCommand.UnassignAddresses)
                .flatMap(command -> ((PoolCommand.UnassignAddresses) command).addresses().stream())
                .toList();
    }

    private static CloudInstance instance() {
        var eni = new CloudEni(
                ADDRESS.eni(),
                new Mac(1),
                new VSwitchId("vsw-1"),
                List.of(Cidr.parse("10.0.64.0/20")),
                Optional.of(Ip.parse("10.0.64.4")),
                List.of(ADDRESS.ip()),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.SECONDARY,
                true);
        return new CloudInstance(
                new InstanceId("i-n1"),
                new InstanceType("ecs.g7.xlarge"),
                new ZoneId("z"),
                false,
                new InstanceLimits(4, 15, 0),
                List.of(eni),
                Optional.of(new VSwitchId("vsw-1")),
                List.of());
    }

    private void releaseUnder(String ledgerId) {
        open(FIRST, ledgerId, 0);
        loop.step(
                new IpamEvent.LedgerReceived(
                        FIRST, new Ledger(List.of(), List.of(new Ledger.Numbered(ADDRESS, 1)), List.of(), List.of())),
                NOW);
        Holder holder = ModelAgent.holder(SANDBOX);
        loop.step(
                new IpamEvent.Report(
                        1,
                        FIRST,
                        List.of(
                                new LedgerEvent.Bound(new Binding(SANDBOX, holder, List.of(ADDRESS), false, 1)),
                                new LedgerEvent.Released(
                                        2, SANDBOX, holder, List.of(ADDRESS.ip()), Duration.ofSeconds(30)))),
                NOW);
        loop.step(new IpamEvent.SessionClosed(FIRST), NOW);
    }

    private AddressState state() {
        return loop.view(NODE).orElseThrow().addresses().getFirst().state();
    }

    private List<IpamCommand> open(SessionId session, String ledgerId, long sequence) {
        return loop.step(
                new IpamEvent.SessionOpened(
                        session,
                        new Hello(
                                new NodeIdentity(NODE, "uid", new InstanceId("i-n1"), ledgerId),
                                "boot",
                                0,
                                sequence,
                                new ZoneId("z"),
                                new InstanceType("ecs.g7.xlarge"))),
                NOW);
    }
}
