package io.terway.agent.apply;

import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.LinkEnd;
import io.terway.linux.netlink.Links;
import io.terway.linux.netlink.Neighbour;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.Lab;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.PodAttachment;
import java.util.List;

/** The VPC of {@link OneNode} as a trunk with one member sees it, where the kernel has VLAN links. */
public final class VlanVpc {

    private static final int VLAN = 101;

    static final EniAttachment MEMBER =
            new EniAttachment(new EniId("eni-member"), Mac.parse("00:16:3e:00:00:77"), List.of(OneNode.V4, OneNode.V6));

    private VlanVpc() {}

    /** The member, as a VLAN sub-interface inside of a pod. */
    public static Connection.NicInPod member(boolean hostPeer) {
        return new Connection.TrunkVlan(MEMBER, OneNode.ENI, VLAN, hostPeer);
    }

    /** Moves the VPC's addresses to a VLAN of its link. */
    public static void speakTagged(OneNode node, PodAttachment pod) {
        Lab.output(node.vpc, "ip", "addr", "flush", "dev", "port");
        try (RouteSocket vpc = RouteSocket.open(node.vpc)) {
            Link port = vpc.link("port").orElseThrow();
            vpc.execute(Links.vlan(port.index(), VLAN, LinkEnd.named("tagged")));
            int tagged = vpc.link("tagged").orElseThrow().index();
            vpc.execute(LinkChange.of(tagged).up().request());
            for (Cidr block : List.of(OneNode.V4, OneNode.V6)) {
                vpc.execute(Address.of(tagged, block.vSwitchGateway(), block.prefixLength())
                        .add());
            }
            pod.addresses()
                    .forEach(ip -> vpc.execute(
                            Neighbour.permanent(tagged, ip, MEMBER.mac()).replace()));
        }
    }
}
