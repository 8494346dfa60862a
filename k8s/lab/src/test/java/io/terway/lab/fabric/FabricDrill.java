package io.terway.lab.fabric;

import static io.terway.lab.fabric.Drill.ARRIVES_MILLIS;
import static io.terway.lab.fabric.Drill.LOST_MILLIS;
import static io.terway.lab.fabric.Drill.address;
import static io.terway.lab.fabric.Drill.exchange;
import static io.terway.lab.fabric.Drill.spoofed;
import static io.terway.lab.fabric.Drill.tell;

import io.terway.lab.Shell;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.List;
import java.util.Optional;

/** The scenario of {@link FabricPrivilegedIT}, run in namespaces of its own; prints one line per law that holds. */
final class FabricDrill {
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final NodeName ONE = new NodeName("node-1");
    private static final NodeName TWO = new NodeName("node-2");
    private static final Ip FIRST = Ip.parse("10.0.0.5");
    private static final Ip SECOND = Ip.parse("10.0.0.6");
    private static final Ip EXTRA = Ip.parse("10.0.0.7");
    private static final Ip FOREIGN = Ip.parse("10.0.0.99");
    private static final Ip SERVICES = Ip.parse("100.100.0.10");

    private FabricDrill() {}

    public static void main(String[] arguments) {
        Router.make(SERVICES, List.of(Ip.parse("100.100.100.200")), List.of(ONE, TWO));
        Fabric fabric = Fabric.open();
        apply(fabric, List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND)), List.of(SUBNET));
        tell("nodesExchangePackets", exchange(ONE, FIRST, TWO, SECOND, ARRIVES_MILLIS));
        tell("managementReachesNodes", exchange(null, SERVICES, TWO, SECOND, ARRIVES_MILLIS));
        address(ONE, FOREIGN);
        tell("aForeignSourceIsDropped", !exchange(ONE, FOREIGN, TWO, SECOND, LOST_MILLIS));
        tell("theDropIsCounted", spoofed() > 0);
        address(TWO, EXTRA);
        tell("anUnassignedAddressIsUnreachable", !exchange(ONE, FIRST, TWO, EXTRA, LOST_MILLIS));
        apply(fabric, List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND, EXTRA)), List.of(SUBNET));
        tell("anAssignedAddressIsReachable", exchange(ONE, FIRST, TWO, EXTRA, ARRIVES_MILLIS));
        tell(
                "aRestartFindsNothingToDo",
                apply(Fabric.open(), List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND, EXTRA)), List.of(SUBNET)) == 0);
        apply(fabric, List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND)), List.of(SUBNET));
        tell("anUnassignedAddressIsCutOff", !exchange(ONE, FIRST, TWO, EXTRA, LOST_MILLIS));
        Plug hot = new Plug(
                new EniId("eni-3"),
                new Mac(0x00163e000003L),
                ONE,
                false,
                List.of(SUBNET),
                List.of(EXTRA),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(Drill.OPEN.id()));
        apply(fabric, List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND), hot), List.of(SUBNET));
        tell(
                "aSecondEniAppearsAsEth1WithItsMac",
                Shell.need(List.of("ip", "-n", "node-1", "link", "show", "eth1"), "")
                        .contains("00:16:3e:00:00:03"));
        apply(fabric, List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND)), List.of(SUBNET));
        tell(
                "aDetachedEniDisappears",
                !Shell.run(List.of("ip", "-n", "node-1", "link", "show", "eth1"), "")
                        .ok());
        tell("theOthersGoOn", exchange(ONE, FIRST, TWO, SECOND, ARRIVES_MILLIS));
    }

    private static Plug plug(int number, NodeName node, Ip... addresses) {
        return Drill.plug(number, node, true, List.of(SUBNET), List.of(addresses));
    }

    private static int apply(Fabric fabric, List<Plug> plugs, List<Cidr> subnets) {
        return fabric.apply(plugs, subnets, List.of(Drill.OPEN));
    }
}
