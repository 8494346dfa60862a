package io.terway.agent.apply;

import io.terway.agent.pods.Bandwidth;
import io.terway.agent.sandbox.Datapath;
import io.terway.linux.netns.Lab;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.node.ledger.Witnesses;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Runs inside a guest kernel that has what this machine's kernel may lack: IPVlan and VLAN links, with packets. Says one
 * line per law that holds, and the first exception otherwise. Without host peers, whose table that kernel lacks:
 * {@link VpcLinkLaws} has them, in a slower guest.
 */
public final class GuestLaws {

    private static final List<String> LAWS = List.of(
            "the kernel has both kinds of links",
            "IPVlan pods talk to the VPC and to each other in both families",
            "an IPVlan pod is told of by its link, intact, repeatable and repaired",
            "a DEL takes the IPVlan slave away",
            "a VLAN pod talks to the VPC by its tag in both families",
            "a VLAN pod is told of by its link, intact, repeatable and repaired");

    private static final List<String> SHAPING = List.of(
            "what an IPVlan pod receives is shaped inside of it", "what a VLAN pod receives is shaped inside of it");

    /** In the order in which they are said. */
    static final List<String> ALL =
            Stream.of(LAWS, SHAPING, IpvsLaws.LAWS).flatMap(List::stream).toList();

    private static final Connection IPVLAN = new Connection.IpvlanSlave(OneNode.ENI, false);
    private static final Connection TAGGED = VlanVpc.member(false);

    private GuestLaws() {}

    public static void main(String[] arguments) {
        try (OneNode node = new OneNode();
                DatapathApplier applier = DatapathApplier.open(node.host)) {
            node.plugPrimary(); // its link bears the name that the pod's gets
            require(applier.supported(IPVLAN).equals(IPVLAN), "IPVlan falls back");
            require(applier.supported(TAGGED).equals(TAGGED), "VLAN falls back");
            holds(0);
            ipvlan(node, applier);
        }
        try (OneNode node = new OneNode();
                DatapathApplier applier = DatapathApplier.open(node.host)) {
            node.plugPrimary();
            vlan(node, applier);
        }
        for (int kind = 0; kind < 2; kind++) {
            try (OneNode node = new OneNode();
                    DatapathApplier applier = DatapathApplier.open(node.host)) {
                shaped(node, applier, kind == 0 ? IPVLAN : TAGGED);
                System.out.println("HOLDS: " + SHAPING.get(kind));
            }
        }
        IpvsLaws.run();
    }

    private static void shaped(OneNode node, DatapathApplier applier, Connection connection) {
        PodAttachment pod = OneNode.connected(node.pod("a", 11), connection, Reach.NOTHING);
        if (connection.equals(TAGGED)) {
            VlanVpc.speakTagged(node, pod);
        }
        Bandwidth wish = new Bandwidth(OptionalLong.of(1_250_000), OptionalLong.of(625_000));
        Datapath datapath = new ShapedDatapath(node.host, Datapath.of(applier), _ -> wish, () -> false);
        require(datapath.add(pod) instanceof AddResult.Plumbed, "the pod is not connected");
        require(datapath.check(pod).equals(new CheckResult.Intact()), datapath.check(pod));
        for (Ip ip : pod.addresses()) {
            OneNode.talk(pod.netns(), node.vpc, OneNode.ENI.gateway(ip.family()).orElseThrow());
            OneNode.talk(node.vpc, pod.netns(), ip);
        }
        String counted = Lab.output(pod.netns(), "tc", "-s", "qdisc", "show", "dev", "twieth0");
        require(counted.contains("tbf") && !counted.contains("Sent 0 bytes"), counted);
    }

    private static void ipvlan(OneNode node, DatapathApplier applier) {
        PodAttachment a = OneNode.connected(node.pod("a", 11), IPVLAN, Reach.NOTHING);
        PodAttachment b = OneNode.connected(node.pod("b", 12), IPVLAN, Reach.NOTHING);
        plumb(applier, a);
        plumb(applier, b);
        for (int family = 0; family < 2; family++) {
            Ip gateway = OneNode.ENI.gateway(a.addresses().get(family).family()).orElseThrow();
            OneNode.talk(a.netns(), node.vpc, gateway);
            OneNode.talk(node.vpc, a.netns(), a.addresses().get(family));
            OneNode.talk(a.netns(), b.netns(), b.addresses().get(family));
        }
        holds(1);
        intactRepeatableRepaired(node.host, applier, a);
        OneNode.talk(a.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        holds(2);
        applier.del(a.key(), a.pod(), a.netns(), a.addresses());
        require(!Lab.output(a.netns(), "ip", "-o", "link").contains("eth0"), "the slave is still there");
        OneNode.talk(b.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        holds(3);
    }

    private static void vlan(OneNode node, DatapathApplier applier) {
        PodAttachment pod = OneNode.connected(node.pod("a", 11), TAGGED, Reach.NOTHING);
        VlanVpc.speakTagged(node, pod);
        plumb(applier, pod);
        for (Ip ip : pod.addresses()) {
            OneNode.talk(
                    pod.netns(), node.vpc, VlanVpc.MEMBER.gateway(ip.family()).orElseThrow());
            OneNode.talk(node.vpc, pod.netns(), ip);
        }
        holds(4);
        intactRepeatableRepaired(node.host, applier, pod);
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        holds(5);
    }

    private static void intactRepeatableRepaired(Path host, DatapathApplier applier, PodAttachment pod) {
        Witnesses.Connected told = Witness.of(host, List.of(pod.netns().getParent())).stream()
                .filter(c -> c.containerId().equals(pod.key().containerId()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the kernel does not tell of " + pod.key()));
        require(Set.copyOf(told.addresses()).equals(Set.copyOf(pod.addresses())), told);
        require(told.link().equals(LinkNames.hostLink(pod.pod(), "eth0")), told);
        require(applier.check(pod).equals(new CheckResult.Intact()), applier.check(pod));
        require(plumb(applier, pod).stages().operations() == 0, "a repeated ADD changes something");
        Lab.output(pod.netns(), "ip", "link", "del", "eth0");
        require(applier.check(pod) instanceof CheckResult.Differs, "the lost link is not noticed");
        plumb(applier, pod);
        require(applier.check(pod).equals(new CheckResult.Intact()), applier.check(pod));
    }

    private static AddResult.Plumbed plumb(DatapathApplier applier, PodAttachment pod) {
        return switch (applier.add(pod)) {
            case AddResult.Plumbed plumbed -> plumbed;
            case AddResult.NoEni missing -> throw new AssertionError(missing);
            case AddResult.Failed failed -> throw new AssertionError(failed);
        };
    }

    private static void require(boolean holds, Object otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private static void holds(int law) {
        System.out.println("HOLDS: " + LAWS.get(law));
    }
}
