package io.terway.lab.fabric;

import static io.terway.lab.fabric.Drill.ARRIVES_MILLIS;
import static io.terway.lab.fabric.Drill.LOST_MILLIS;
import static io.terway.lab.fabric.Drill.exchange;
import static io.terway.lab.fabric.Drill.tell;

import io.terway.lab.Shell;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Member ENIs: tagged frames over the trunk's link, and nothing under another tag or address. */
final class MemberDrill {
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final NodeName ONE = new NodeName("node-1");
    private static final NodeName TWO = new NodeName("node-2");
    private static final Ip OTHER = Ip.parse("10.0.0.6");
    private static final Ip FIRST = Ip.parse("10.0.0.21");
    private static final Ip SECOND = Ip.parse("10.0.0.22");
    private static final Ip FIRST6 = Ip.parse("2408:4005:3aa:7a00::21");
    private static final Ip OTHER6 = Ip.parse("2408:4005:3aa:7a00::6");
    private static final Cidr SUBNET6 = Cidr.parse("2408:4005:3aa:7a00::/64");
    private static final Mac FIRST_MAC = new Mac(0x00163e000015L);

    private MemberDrill() {}

    public static void main(String[] arguments) {
        Router.make(Ip.parse("100.100.0.10"), List.of(), List.of(ONE, TWO));
        Fabric fabric = Fabric.open();
        List<Plug> plugs = new ArrayList<>(List.of(
                plug(1, ONE, true, Optional.empty(), Ip.parse("10.0.0.5")),
                plug(2, TWO, true, Optional.empty(), OTHER, OTHER6),
                plug(3, ONE, false, Optional.empty(), Ip.parse("10.0.0.7")),
                plug(0x15, ONE, false, member(5), FIRST, FIRST6),
                plug(0x16, ONE, false, member(6), SECOND)));
        apply(fabric, plugs);
        guest("pod1", 5, FIRST_MAC, FIRST);
        guest("pod2", 6, new Mac(0x00163e000016L), SECOND);
        NodeName pod1 = new NodeName("pod1");
        NodeName pod2 = new NodeName("pod2");
        tell("aMemberSendsByItsTag", exchange(pod1, FIRST, TWO, OTHER, ARRIVES_MILLIS));
        tell("aMemberIsReachedByItsTag", exchange(TWO, OTHER, pod1, FIRST, ARRIVES_MILLIS));
        tell("aMemberSpeaksIpv6", exchange(pod1, FIRST6, TWO, OTHER6, ARRIVES_MILLIS));
        tell("membersOfOneTrunkExchangePackets", exchange(pod1, FIRST, pod2, SECOND, ARRIVES_MILLIS));
        Drill.address(pod2, FIRST.plus(30));
        tell("aMemberCannotSpoof", !exchange(pod2, FIRST.plus(30), TWO, OTHER, LOST_MILLIS));
        tell("aRestartFindsNothingToDo", apply(Fabric.open(), plugs) == 0);
        tell("aMemberGoesOnAfterARestart", exchange(TWO, OTHER, pod1, FIRST, ARRIVES_MILLIS));
        plugs.set(3, plug(0x15, ONE, false, member(9), FIRST, FIRST6));
        apply(fabric, plugs);
        tell("theOldTagIsDead", !exchange(pod1, FIRST, TWO, OTHER, LOST_MILLIS));
        tell("theOtherMemberGoesOn", exchange(pod2, SECOND, TWO, OTHER, ARRIVES_MILLIS));
        plugs.remove(4);
        apply(fabric, plugs);
        tell("aDetachedMemberIsSilent", !exchange(pod2, SECOND, TWO, OTHER, LOST_MILLIS));
        apply(fabric, plugs.subList(0, 2));
        tell("aTrunkLeavesWithItsMembers", leftovers().isEmpty());
    }

    private static Optional<Plug.Tag> member(int vlan) {
        return Optional.of(new Plug.Tag(new EniId("eni-3"), vlan));
    }

    private static Plug plug(int number, NodeName node, boolean primary, Optional<Plug.Tag> tag, Ip... addresses) {
        return new Plug(
                new EniId("eni-" + number),
                new Mac(0x00163e000000L + number),
                node,
                primary,
                List.of(SUBNET, SUBNET6),
                List.of(addresses),
                List.of(),
                List.of(),
                tag,
                List.of(Drill.OPEN.id()));
    }

    private static int apply(Fabric fabric, List<Plug> plugs) {
        return fabric.apply(plugs, List.of(SUBNET, SUBNET6), List.of(Drill.OPEN));
    }

    /** What an agent does in a node, by the same programs: a pod whose frames carry the tag on the trunk NIC eth1. */
    private static void guest(String pod, int vlan, Mac mac, Ip ip) {
        Shell.need(List.of("ip", "-batch", "-"), "netns add " + pod + "\n");
        Shell.need(
                List.of("ip", "-n", "node-1", "-batch", "-"),
                "link set dev eth1 up\nlink add %s type veth peer name eth0 address %s netns %s\nlink set dev %s up\n"
                        .formatted(pod, mac, pod, pod));
        Shell.need(List.of("ip", "-n", pod, "-batch", "-"), """
                        link set dev lo up
                        address add %s/24 dev eth0
                        link set dev eth0 up
                        route add default via 10.0.0.253 dev eth0
                        """.formatted(ip));
        if (ip.equals(FIRST)) {
            Shell.need(
                    List.of("ip", "-n", pod, "-batch", "-"),
                    "address add " + FIRST6 + "/64 dev eth0 nodad\nroute add default via " + SUBNET6.vSwitchGateway()
                            + " dev eth0\n");
        }
        Tagging.join("node-1", "eth1", pod, vlan);
    }

    private static List<String> leftovers() {
        return Shell.need(List.of("ip", "-n", "vpc", "-o", "link", "show", "type", "veth"), "")
                .lines()
                .filter(line -> !line.contains(" mgmt@")
                        && !line.contains(Port.linkOf(new EniId("eni-1")))
                        && !line.contains(Port.linkOf(new EniId("eni-2"))))
                .toList();
    }
}
