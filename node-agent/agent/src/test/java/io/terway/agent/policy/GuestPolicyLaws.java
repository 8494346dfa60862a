package io.terway.agent.policy;

import static io.terway.agent.policy.PolicedNode.require;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.OneNode;
import io.terway.agent.apply.VlanVpc;
import io.terway.agent.apply.VpcLinkLaws;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.wire.policy.v1.Direction;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs inside a guest kernel that has IPVlan, VLAN links and nftables: policy on pods with such a link, with packets. Says
 * one line per law that holds, and the first exception otherwise.
 */
public final class GuestPolicyLaws implements AutoCloseable {

    private static final List<String> OF_EACH = List.of(
            "isolated before it has its link, though nobody says by what",
            "reaches its node and is reached by it all the same",
            "policy decides by peer and port, in and out",
            "a connection that a change forbids ends",
            "what is done to its own table is undone",
            "HTTP rules judge what it is asked and what it asks",
            "sends in nobody else's name, not even as a frame",
            "would do so without its tables");

    private static final String TWO = "IPVlan pods of one ENI are judged towards each other too";

    /** In any order. */
    static final Set<String> ALL = Stream.of(of("IPVlan"), Stream.of(TWO), of("VLAN"), VpcLinkLaws.LAWS.stream())
            .flatMap(laws -> laws)
            .collect(Collectors.toSet());

    private static final int OPEN = 80;
    private static final int OUT = 81;
    private static final int CLOSED = 82;

    private final PolicedNode policed;
    private final OneNode node;
    private final String kind;
    private final PodAttachment pod;
    private final GuestTraffic traffic;
    private long revision = 1;
    private int said;

    private static Stream<String> of(String kind) {
        return OF_EACH.stream().map(law -> kind + " pod: " + law);
    }

    private GuestPolicyLaws(String kind, Connection.NicInPod connection) throws IOException, InterruptedException {
        this.kind = kind;
        policed = new PolicedNode(Files.createTempDirectory("state"), List.of(), BeforeTheLink::new);
        node = policed.node;
        pod = connect("server", 11, connection);
        traffic = new GuestTraffic(node, pod);
    }

    /** Fails when a link is made in a namespace that has no table of ours yet. */
    private static final class BeforeTheLink extends ForwardingDatapath {

        BeforeTheLink(Datapath below) {
            super(below);
        }

        @Override
        public AddResult add(PodAttachment pod) {
            String table = Lab.output(pod.netns(), "nft", "list", "table", "inet", "terway");
            for (Ip ip : pod.addresses()) {
                require(table.contains(ip + " : goto denied_ingress"), table);
                require(table.contains(ip + " : goto denied_egress"), table);
            }
            require(!Lab.output(pod.netns(), "ip", "-o", "link").contains("eth0"), "the link was there before");
            return super.add(pod);
        }
    }

    private PodAttachment connect(String name, int n, Connection.NicInPod connection) {
        PodAttachment attachment = OneNode.connected(node.pod(name, n), connection, Reach.NOTHING);
        if (connection instanceof Connection.TrunkVlan) {
            VlanVpc.speakTagged(node, attachment);
        }
        policed.connect(name, attachment);
        return attachment;
    }

    /** Two at a time: the guest has two processors. */
    public static void main(String[] arguments) throws Exception {
        var others = CompletableFuture.runAsync(VpcLinkLaws::run);
        Connection.NicInPod slave = new Connection.IpvlanSlave(OneNode.ENI, true);
        try (GuestPolicyLaws laws = new GuestPolicyLaws("IPVlan", slave)) {
            laws.ofEach();
            laws.twoOfOneEni(slave);
            laws.withoutTables();
        }
        try (GuestPolicyLaws laws = new GuestPolicyLaws("VLAN", VlanVpc.member(true))) {
            laws.ofEach();
            laws.withoutTables();
        }
        others.get();
        System.exit(0); // threads of the channel linger
    }

    private void ofEach() throws Exception {
        for (Ip ip : pod.addresses()) {
            traffic.denied(node.vpc, ip, OPEN);
            traffic.denied(pod.netns(), gateway(ip), OUT);
        }
        holds();
        for (Ip ip : pod.addresses()) {
            traffic.passes(node.host, ip, CLOSED);
            traffic.passes(pod.netns(), ip.family() == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6, CLOSED);
        }
        holds();
        vpcMayAskAndBeAsked();
        decided();
        holds();
        forbiddenEnds();
        holds();
        Lab.output(pod.netns(), "nft", "flush", "ruleset");
        require(
                PacketLab.await(() -> Lab.output(pod.netns(), "nft", "list", "ruleset")
                        .contains(pod.addresses().getFirst() + " : jump p_e1")),
                "the table is not written again");
        decided();
        holds();
        policed.say(Updates.difference(++revision)
                .addPrograms(HttpPolicies.program("b2", Direction.INGRESS, HttpPolicies.PORT, HttpPolicies.READ))
                .addPrograms(HttpPolicies.program("e2", Direction.EGRESS, HttpPolicies.PORT, HttpPolicies.READ))
                .addPods(Updates.pod("server", "b2", "e2"))
                .build());
        traffic.requestsAreJudged();
        holds();
        policed.say(Updates.difference(++revision)
                .addPods(Updates.pod("server", "", ""))
                .build());
        traffic.nothingIsForged();
        holds();
    }

    /** That what is not heard would be. */
    private void withoutTables() {
        policed.stopAgent();
        Lab.output(pod.netns(), "nft", "flush", "ruleset");
        traffic.everythingIsForged();
        holds();
    }

    private void vpcMayAskAndBeAsked() throws InterruptedException {
        List<String> gateways =
                pod.addresses().stream().map(ip -> gateway(ip).toString()).toList();
        policed.say(Updates.difference(++revision)
                .addSets(Updates.set("a1", true, gateways, List.of()))
                .addPrograms(Updates.program("b1", Direction.INGRESS, "a1", OPEN))
                .addPrograms(Updates.program("e1", Direction.EGRESS, "a1", OUT))
                .addPods(Updates.pod("server", "b1", "e1"))
                .build());
    }

    private void decided() {
        for (Ip ip : pod.addresses()) {
            traffic.passes(node.vpc, ip, OPEN);
            traffic.denied(node.vpc, ip, CLOSED);
            traffic.passes(pod.netns(), gateway(ip), OUT);
            traffic.denied(pod.netns(), gateway(ip), CLOSED);
        }
    }

    private void forbiddenEnds() throws Exception {
        Ip ip = pod.addresses().getFirst();
        try (GuestTraffic.Talk talk = traffic.talk(node.vpc, ip, OPEN)) {
            require(talk.isHeard(), "an accepted connection is silent");
            policed.say(Updates.difference(++revision)
                    .addSets(Updates.set(
                            "a1", false, List.of(), List.of(gateway(ip).toString())))
                    .build());
            require(talk.endsWithin(() -> traffic.passes(node.host, ip, CLOSED)), "a forbidden connection goes on");
        }
        vpcMayAskAndBeAsked();
    }

    /** Between slaves no frame leaves the ENI. The second pod came while nobody said by what it is bound. */
    private void twoOfOneEni(Connection.NicInPod connection) throws InterruptedException {
        vpcMayAskAndBeAsked();
        PodAttachment other = connect("other", 12, connection);
        for (Ip ip : pod.addresses()) {
            traffic.denied(other.netns(), ip, OPEN);
        }
        policed.say(Updates.difference(++revision)
                .addPods(Updates.pod("other", "", ""))
                .build());
        for (Ip ip : pod.addresses()) {
            traffic.denied(other.netns(), ip, OPEN);
        }
        policed.say(Updates.difference(++revision)
                .addSets(Updates.set(
                        "a1",
                        false,
                        other.addresses().stream().map(Ip::toString).toList(),
                        List.of()))
                .build());
        for (int family = 0; family < 2; family++) {
            traffic.passes(other.netns(), pod.addresses().get(family), OPEN);
            traffic.denied(other.netns(), pod.addresses().get(family), CLOSED);
            traffic.passes(pod.netns(), other.addresses().get(family), OUT);
            traffic.denied(pod.netns(), other.addresses().get(family), CLOSED);
        }
        System.out.println("HOLDS: " + TWO);
    }

    private static Ip gateway(Ip ip) {
        return OneNode.ENI.gateway(ip.family()).orElseThrow();
    }

    private void holds() {
        System.out.println("HOLDS: " + kind + " pod: " + OF_EACH.get(said++));
    }

    @Override
    public void close() {
        policed.close();
    }
}
