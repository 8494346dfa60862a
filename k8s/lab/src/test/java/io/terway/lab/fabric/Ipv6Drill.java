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

/** IPv6 between instances: neighbour discovery, sources, prefixes, and blocks of the route table. */
final class Ipv6Drill {
    private static final Cidr SUBNET4 = Cidr.parse("10.0.0.0/24");
    private static final Cidr SUBNET = Cidr.parse("2408:4005:3aa:7a00::/64");
    private static final Cidr ELSEWHERE4 = Cidr.parse("10.0.1.0/24");
    private static final Cidr ELSEWHERE = Cidr.parse("2408:4005:3aa:7a01::/64");
    private static final Cidr PREFIX = Cidr.parse("2408:4005:3aa:7a00:fffe::/80");
    private static final Cidr POD_BLOCK = Cidr.parse("fd00:192:168:1::/64");
    private static final NodeName ONE = new NodeName("node-1");
    private static final NodeName TWO = new NodeName("node-2");
    private static final NodeName THREE = new NodeName("node-3");
    private static final Ip FIRST = Ip.parse("2408:4005:3aa:7a00::1");
    private static final Ip SECOND = Ip.parse("2408:4005:3aa:7a00::2");
    private static final Ip THIRD = Ip.parse("2408:4005:3aa:7a01::1");
    private static final Ip FOREIGN = Ip.parse("2408:4005:3aa:7a00::99");
    private static final Ip IN_PREFIX = Ip.parse("2408:4005:3aa:7a00:fffe::7");
    private static final Ip POD = Ip.parse("fd00:192:168:1::7");

    private Ipv6Drill() {}

    public static void main(String[] arguments) {
        Router.make(Ip.parse("100.100.0.10"), List.of(), List.of(ONE, TWO, THREE));
        Fabric fabric = Fabric.open();
        List<Plug> plain = List.of(plug(1, ONE, false), plug(2, TWO, false), plug(3, THREE, false));
        fabric.apply(plain, List.of(SUBNET4, SUBNET, ELSEWHERE4, ELSEWHERE), List.of(Drill.OPEN));
        tell("neighboursOfOneVSwitchExchangePackets", exchange(ONE, FIRST, TWO, SECOND, ARRIVES_MILLIS));
        tell("vSwitchesExchangePackets", exchange(ONE, FIRST, THREE, THIRD, ARRIVES_MILLIS));
        tell("theGatewayAnswersEcho", ping(SUBNET.vSwitchGateway()));
        address(ONE, FOREIGN);
        long before = spoofed();
        tell("aForeignSourceIsDropped", !exchange(ONE, FOREIGN, TWO, SECOND, LOST_MILLIS));
        tell("theDropIsCounted", spoofed() > before);
        address(TWO, FOREIGN);
        tell("anUnassignedAddressIsUnreachable", !exchange(THREE, THIRD, TWO, FOREIGN, LOST_MILLIS));
        address(ONE, IN_PREFIX);
        address(ONE, POD);
        tell("aPrefixIsNobodysYet", !exchange(THREE, THIRD, ONE, IN_PREFIX, LOST_MILLIS));
        List<Plug> more = List.of(plug(1, ONE, true), plug(2, TWO, false), plug(3, THREE, false));
        fabric.apply(more, List.of(SUBNET4, SUBNET, ELSEWHERE4, ELSEWHERE), List.of(Drill.OPEN));
        tell("aPrefixIsReachable", exchange(THREE, THIRD, ONE, IN_PREFIX, ARRIVES_MILLIS));
        // The next solicitation comes from a link-local address: the packet's own is not on the link.
        Shell.need(List.of("ip", "-n", "node-1", "-6", "neigh", "flush", "dev", "eth0"), "");
        tell("aPrefixMaySend", exchange(ONE, IN_PREFIX, TWO, SECOND, ARRIVES_MILLIS));
        tell("aRoutedBlockIsReachable", exchange(THREE, THIRD, ONE, POD, ARRIVES_MILLIS));
        tell("aRoutedBlockMaySend", exchange(ONE, POD, TWO, SECOND, ARRIVES_MILLIS));
        tell(
                "aRestartFindsNothingToDo",
                Fabric.open().apply(more, List.of(SUBNET4, SUBNET, ELSEWHERE4, ELSEWHERE), List.of(Drill.OPEN)) == 0);
    }

    private static Plug plug(int number, NodeName node, boolean more) {
        List<Cidr> subnets = number < 3 ? List.of(SUBNET4, SUBNET) : List.of(ELSEWHERE4, ELSEWHERE);
        return new Plug(
                new EniId("eni-" + number),
                new Mac(0x00163e000000L + number),
                node,
                true,
                subnets,
                List.of(subnets.getFirst().network().plus(number), number == 1 ? FIRST : number == 2 ? SECOND : THIRD),
                more ? List.of(PREFIX) : List.of(),
                more ? List.of(POD_BLOCK) : List.of(),
                Optional.empty(),
                List.of(Drill.OPEN.id()));
    }

    private static boolean ping(Ip ip) {
        return Shell.run(List.of("ip", "netns", "exec", "node-1", "ping", "-c", "1", "-W", "3", ip.toString()), "")
                .ok();
    }
}
