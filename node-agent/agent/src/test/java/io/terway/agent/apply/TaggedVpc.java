package io.terway.agent.apply;

import io.terway.linux.bpf.Assembly;
import io.terway.linux.bpf.Assembly.Alu;
import io.terway.linux.bpf.Assembly.When;
import io.terway.linux.bpf.Assembly.Width;
import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Helper;
import io.terway.linux.bpf.Packet;
import io.terway.linux.bpf.Program;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.BpfFilter;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.PodAttachment;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Makes the VPC of {@link OneNode} take and send TCP by its ENI only with the tag and the MAC of a trunk's member. */
public final class TaggedVpc {

    static final int VLAN = 101;
    private static final int ETHERNET_VLAN = 0x0081; // 0x8100 in network order

    private static final EniAttachment MEMBER =
            new EniAttachment(new EniId("eni-member"), Mac.parse("00:16:3e:00:00:77"), List.of(OneNode.V4, OneNode.V6));

    public static final Connection MEMBER_OF_TRUNK = new Connection.TrunkTag(MEMBER, OneNode.ENI, VLAN);

    private TaggedVpc() {}

    /** Ingress drops IP packets without the member's tag and MAC, egress sets the tag and addresses the member. */
    public static void speakTaggedOnly(OneNode node, PodAttachment pod) {
        node.vpcResolves(pod.addresses(), MEMBER.mac());
        try (RouteSocket vpc = RouteSocket.open(node.vpc);
                Program in = Program.load("vpc_in", ingress());
                Program out = Program.load("vpc_out", egress(VLAN))) {
            int port = vpc.link("port").orElseThrow().index();
            vpc.execute(
                    BpfFilter.hooks(port),
                    BpfFilter.of(port, BpfFilter.Hook.INGRESS, 1, "vpc_in").replace(in.fd()),
                    BpfFilter.of(port, BpfFilter.Hook.EGRESS, 1, "vpc_out").replace(out.fd()));
        }
    }

    /** From now on the VPC sends with the tag of another member. */
    static void sendWithAnotherTag(OneNode node) {
        try (RouteSocket vpc = RouteSocket.open(node.vpc);
                Program out = Program.load("vpc_out", egress(VLAN + 1))) {
            int port = vpc.link("port").orElseThrow().index();
            vpc.execute(BpfFilter.of(port, BpfFilter.Hook.EGRESS, 1, "vpc_out").replace(out.fd()));
        }
    }

    private static Assembly ingress() {
        Assembly a = new Assembly().move(6, 1);
        onlyTcp(a);
        // The last byte of the source MAC stands for the whole of it.
        return a.load(Width.U32, 2, 6, Packet.VLAN_TAG)
                .alu(Alu.AND, 2, 0xfff)
                .jump(When.NOT_EQUAL, 2, VLAN, "drop")
                .move(1, 6)
                .set(2, 11)
                .move(3, 10)
                .alu(Alu.ADD, 3, -8)
                .set(4, 1)
                .call(Helper.LOAD_BYTES)
                .load(Width.U8, 2, 10, -8)
                .jump(When.NOT_EQUAL, 2, 0x77, "drop")
                .move(1, 6)
                .call(Helper.VLAN_POP)
                .exit(Packet.PASS)
                .label("drop")
                .exit(Packet.DROP)
                .label("next")
                .exit(Packet.NEXT);
    }

    private static Assembly egress(int tag) {
        Assembly a = new Assembly().move(6, 1);
        onlyTcp(a);
        return a.move(1, 6)
                .set(2, ETHERNET_VLAN)
                .set(3, tag)
                .call(Helper.VLAN_PUSH)
                .exit(Packet.PASS)
                .label("next")
                .exit(Packet.NEXT);
    }

    /** Neighbour discovery and ARP stay the trunk's own. */
    private static void onlyTcp(Assembly a) {
        a.load(Width.U32, 2, 6, Packet.PROTOCOL)
                .jump(When.EQUAL, 2, 0x0008, "ipv4")
                .jump(When.EQUAL, 2, 0xdd86, "ipv6")
                .jump("next")
                .label("ipv4")
                .set(7, 23)
                .jump("look")
                .label("ipv6")
                .set(7, 20)
                .label("look")
                .move(1, 6)
                .move(2, 7)
                .move(3, 10)
                .alu(Alu.ADD, 3, -8)
                .set(4, 1)
                .call(Helper.LOAD_BYTES)
                .jump(When.NOT_EQUAL, 0, 0, "next")
                .load(Width.U8, 2, 10, -8)
                .jump(When.NOT_EQUAL, 2, 6, "next");
    }

    /** Skips where the kernel has none, or this process may not. */
    public static void requireBpf() {
        try {
            BpfMap.hash("probe", 4, 4, 1).close();
        } catch (KernelRefusal e) {
            Assumptions.abort("kernel: bpf maps cannot be made here: " + e.getMessage());
        }
    }
}
