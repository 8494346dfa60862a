package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What one leader writes down of a node, and what the next one does with it while the cloud is silent. */
class RememberedNodesTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName NODE = new NodeName("n1");
    private static final NodeIdentity IDENTITY = new NodeIdentity(NODE, "uid", new InstanceId("i-n1"), "ledger");
    private static final InstanceType TYPE = new InstanceType("ecs.g7.xlarge");
    private static final SessionId SESSION = new SessionId("s");
    private static final EniIp ADDRESS = new EniIp(Ip.parse("10.0.64.5"), new EniId("eni-1"));

    private final IpamLoop loop = new IpamLoop(2);

    private static RememberedNode remembered(NodeIdentity identity, String boot, long sequence) {
        return new RememberedNode(
                NODE,
                identity.uid(),
                identity.instance(),
                TYPE,
                new InstanceLimits(4, 15, 15, 10, true),
                2,
                identity.ledgerId(),
                boot,
                sequence);
    }

    private List<IpamCommand> opens(String boot, long sequence) {
        return opens(SESSION, boot, sequence, Ledger.EMPTY);
    }

    private List<IpamCommand> opens(SessionId session, String boot, long sequence, Ledger ledger) {
        loop.step(new IpamEvent.ConfigChanged(EniConfig.DEFAULTS), NOW);
        loop.step(
                new IpamEvent.SessionOpened(session, new Hello(IDENTITY, boot, 0, sequence, new ZoneId("z"), TYPE)),
                NOW);
        return loop.step(new IpamEvent.LedgerReceived(session, ledger), NOW);
    }

    private static <T extends IpamCommand> Optional<T> said(List<IpamCommand> commands, Class<T> kind) {
        return commands.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    @Test
    void whatAMachineCanHoldIsKnownBeforeTheCloudShowsIt() {
        loop.step(new IpamEvent.NodeRemembered(remembered(IDENTITY, "boot", 7)), NOW);

        List<IpamCommand> commands = opens("boot", 7);

        IpamCommand.ShowStatus status =
                said(commands, IpamCommand.ShowStatus.class).orElseThrow();
        assertEquals(45, status.capacity());
        assertEquals(2, status.enis(), "as shown last: how many are free now nobody knows yet");
        Word.Welcome welcome = (Word.Welcome)
                said(commands, IpamCommand.Say.class).orElseThrow().word();
        assertEquals(45, welcome.config().capacity());
    }

    @Test
    void anotherMachineOfTheNameIsNotTakenForIt() {
        var former = new NodeIdentity(NODE, "former-uid", new InstanceId("i-former"), "ledger");
        loop.step(new IpamEvent.NodeRemembered(remembered(former, "boot", 7)), NOW);

        List<IpamCommand> commands = opens("boot", 0);

        assertEquals(
                0, said(commands, IpamCommand.ShowStatus.class).orElseThrow().capacity());
        assertTrue(loop.view(NODE).orElseThrow().connected());
    }

    @Test
    void aLedgerOlderThanTheLastLeaderSawIsNotBelieved() {
        loop.step(new IpamEvent.NodeRemembered(remembered(IDENTITY, "boot", 7)), NOW);

        var end = said(opens("boot", 6), IpamCommand.EndSession.class).orElseThrow();

        assertEquals(IpamCommand.End.QUARANTINED, end.end());
        assertTrue(end.reason().contains("ledger_sequence 6 is below 7"), end.reason());
        assertTrue(end.reason().contains("NodeNetInfo n1"), end.reason());
    }

    @Test
    void itIsBelievedOnceAPersonHasDeletedTheNodeNetInfo() {
        loop.step(new IpamEvent.NodeRemembered(remembered(IDENTITY, "boot", 7)), NOW);
        opens("boot", 6);
        loop.step(new IpamEvent.NodeForgotten(NODE), NOW);

        opens("boot", 6);

        assertTrue(loop.view(NODE).orElseThrow().connected());
    }

    /** Rule 6: binds need not be on the disk when the power goes, because sandboxes go with it. */
    @Test
    void aPowerLossMayTakeTheNewestEntriesOfALedger() {
        loop.step(new IpamEvent.NodeRemembered(remembered(IDENTITY, "boot", 7)), NOW);

        opens("next boot", 6);

        assertTrue(loop.view(NODE).orElseThrow().connected());
    }

    @Test
    void theSameLeaderBelievesALedgerThatLostItsNewestBindsWithThePower() {
        Ledger offered = new Ledger(List.of(), List.of(new Ledger.Numbered(ADDRESS, 1)), List.of(), List.of());
        bindLost(offered);

        opens(new SessionId("after"), "next boot", 1, offered);

        assertTrue(loop.view(NODE).orElseThrow().connected());
    }

    @Test
    void theSameBootHasLostNothing() {
        Ledger offered = new Ledger(List.of(), List.of(new Ledger.Numbered(ADDRESS, 1)), List.of(), List.of());
        bindLost(offered);

        var end = said(opens(new SessionId("after"), "boot", 1, offered), IpamCommand.EndSession.class);

        assertEquals(IpamCommand.End.QUARANTINED, end.orElseThrow().end());
    }

    @Test
    void aDiskThatWasPutBackUsesWhatTheNodeHadGivenUp() {
        Ledger offered = new Ledger(List.of(), List.of(new Ledger.Numbered(ADDRESS, 1)), List.of(), List.of());
        bindLost(offered);
        EniIp givenUp = new EniIp(Ip.parse("10.0.64.77"), new EniId("eni-1"));
        Ledger older = new Ledger(List.of(), List.of(new Ledger.Numbered(givenUp, 1)), List.of(), List.of());

        var end = said(opens(new SessionId("after"), "next boot", 1, older), IpamCommand.EndSession.class)
                .orElseThrow();

        assertTrue(end.reason().contains("10.0.64.77"), end.reason());
        assertFalse(loop.view(NODE).orElseThrow().quarantine().isEmpty());
    }

    /** The agent bound an address at sequence 2, and is gone. */
    private void bindLost(Ledger before) {
        opens(SESSION, "boot", 1, before);
        var binding = new Binding(
                ModelAgent.sandbox(1), ModelAgent.holder(ModelAgent.sandbox(1)), List.of(ADDRESS), false, 2);
        loop.step(new IpamEvent.Report(1, SESSION, List.of(new LedgerEvent.Bound(binding))), NOW);
        loop.step(new IpamEvent.SessionClosed(SESSION), NOW);
    }

    @Test
    void whatIsWrittenDownIsWhatTheNextLeaderNeeds() {
        loop.step(new IpamEvent.InstanceSeen(new ModelCloud(10).describe(IDENTITY.instance())), NOW);
        opens("boot", 3);

        assertEquals(
                new RememberedNode(
                        NODE,
                        "uid",
                        IDENTITY.instance(),
                        TYPE,
                        new InstanceLimits(4, 15, 15, 10, true),
                        loop.view(NODE).orElseThrow().memory().enis(),
                        "ledger",
                        "boot",
                        3),
                loop.view(NODE).orElseThrow().memory());
    }
}
