package io.terway.agent.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.linux.netlink.Neighbour;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteEvent;
import io.terway.linux.netlink.RouteMonitor;
import io.terway.linux.netlink.Rule;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuspicionTest {

    private static final int NAMESPACE = 3;
    private static final Ip ADDRESS = Ip.parse("10.0.64.7");
    private static final SandboxKey KEY = new SandboxKey("terway", "c0", "eth0");
    private static final Optional<Target> POD = Optional.of(new Target.Pod(KEY));
    private static final Suspicion SUSPICION = new Suspicion(
            List.of(new Binding(
                    KEY,
                    new PodLife(new PodRef("default", "web"), "uid"),
                    Path.of("/run/netns/x"),
                    List.of(new HeldAddress(ADDRESS, new EniId("eni-1"))),
                    false,
                    new BootTime("boot", Duration.ZERO),
                    1)),
            _ -> Optional.of(NAMESPACE));

    private static Optional<Target> onHost(RouteEvent event) {
        return SUSPICION.of(new RouteMonitor.Seen(RouteMonitor.HERE, event));
    }

    @Test
    void aRouteThatGoesIsThePodsTheEnisOrTheNodes() {
        assertEquals(POD, onHost(new RouteEvent.RouteGone(route(Cidr.single(ADDRESS), 254))));
        assertEquals(
                Optional.of(new Target.Enis()), onHost(new RouteEvent.RouteGone(route(Cidr.parse("0.0.0.0/0"), 1002))));
        assertEquals(
                Optional.of(new Target.Node()), onHost(new RouteEvent.RouteGone(route(Cidr.parse("0.0.0.0/0"), 254))));
    }

    @Test
    void whatWeMakeOurselvesRaisesNoSuspicion() {
        Neighbour ours = Neighbour.permanent(4, ADDRESS, LinkNames.podMac(KEY)).protocol(Conventions.PROTOCOL);

        assertEquals(Optional.empty(), onHost(new RouteEvent.NeighbourChanged(ours)));
        assertEquals(Optional.empty(), onHost(new RouteEvent.RouteChanged(route(Cidr.single(ADDRESS), 254))));
    }

    @Test
    void aStrangersObjectInThePlaceOfOursDoes() {
        Neighbour strange = Neighbour.permanent(4, ADDRESS, Mac.parse("02:00:00:00:00:99"));

        assertEquals(POD, onHost(new RouteEvent.NeighbourChanged(strange)));
        assertEquals(
                POD,
                onHost(new RouteEvent.RouteChanged(
                        route(Cidr.single(ADDRESS), 254).protocol(Route.BOOT))));
    }

    @Test
    void rulesOfOthersMayComeAndGo() {
        Rule foreign = Rule.lookup(Family.IPV4, 700, 77).from(Cidr.single(ADDRESS));

        assertEquals(Optional.empty(), onHost(new RouteEvent.RuleGone(foreign)));
        assertEquals(POD, onHost(new RouteEvent.RuleGone(foreign.protocol(Conventions.PROTOCOL))));
    }

    @Test
    void lostAnnouncementsMakeEverythingSuspect() {
        assertEquals(Optional.of(new Target.Everything()), onHost(new RouteEvent.Overrun()));
    }

    @Test
    void whatGoesInsideAPodIsThePods() {
        RouteEvent gone = new RouteEvent.RouteGone(route(Cidr.parse("0.0.0.0/0"), 254));

        assertEquals(POD, SUSPICION.of(new RouteMonitor.Seen(NAMESPACE, gone)));
        assertEquals(Optional.empty(), SUSPICION.of(new RouteMonitor.Seen(NAMESPACE + 1, gone)));
    }

    private static Route route(Cidr destination, int table) {
        return Route.to(destination, 4).table(table).protocol(Conventions.PROTOCOL);
    }
}
