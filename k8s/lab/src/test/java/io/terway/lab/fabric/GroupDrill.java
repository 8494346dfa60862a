package io.terway.lab.fabric;

import static io.terway.lab.fabric.Drill.ARRIVES_MILLIS;
import static io.terway.lab.fabric.Drill.LOST_MILLIS;
import static io.terway.lab.fabric.Drill.converse;
import static io.terway.lab.fabric.Drill.exchange;
import static io.terway.lab.fabric.Drill.group;
import static io.terway.lab.fabric.Drill.rule;
import static io.terway.lab.fabric.Drill.tell;

import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.io.IOException;
import java.net.DatagramSocket;
import java.util.List;
import java.util.Optional;

/** Security groups with packets: defaults, members, rules by port and priority, replies, and rules that change. */
final class GroupDrill {
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final NodeName ONE = new NodeName("node-1");
    private static final NodeName TWO = new NodeName("node-2");
    private static final NodeName THREE = new NodeName("node-3");
    private static final Ip A = Ip.parse("10.0.0.1");
    private static final Ip B = Ip.parse("10.0.0.2");
    private static final Ip C = Ip.parse("10.0.0.3");
    private static final int PORT = 8080;
    private static final SecurityGroup.Kind BASIC = SecurityGroup.Kind.NORMAL;
    private static final SecurityGroup.Kind ENTERPRISE = SecurityGroup.Kind.ENTERPRISE;

    private final Fabric fabric = Fabric.open();

    public static void main(String[] arguments) throws IOException {
        Router.make(Ip.parse("100.100.0.10"), List.of(), List.of(ONE, TWO, THREE));
        GroupDrill drill = new GroupDrill();
        drill.basicGroups();
        drill.enterpriseGroups();
    }

    private void basicGroups() throws IOException {
        SecurityGroup web = group("sg-web", BASIC, true);
        SecurityGroup db = group("sg-db", BASIC, true);
        is(web, web, db);
        tell("membersOfABasicGroupReachEachOther", converse(ONE, A, TWO, B, PORT, ARRIVES_MILLIS));
        tell("otherGroupsDoNotGetIn", !exchange(ONE, A, THREE, C, PORT, LOST_MILLIS));
        SecurityRule fromWeb = rule(true, "udp", PORT, PORT, new SecurityRule.Peer.Group(web.id()), true, 10);
        is(web, web, db.withRules(List.of(fromWeb)));
        tell("aSourceGroupGetsInAndItsRepliesOut", converse(ONE, A, THREE, C, PORT, ARRIVES_MILLIS));
        tell("onlyOnThePortOfTheRule", !exchange(ONE, A, THREE, C, PORT + 1, LOST_MILLIS));
        tell("aReplyOpensNothingTheOtherWay", !exchange(THREE, C, ONE, A, PORT, LOST_MILLIS));
        SecurityRule notA = rule(true, "all", -1, -1, new SecurityRule.Peer.Block(Cidr.single(A)), false, 10);
        is(web, web, db.withRules(List.of(fromWeb, notA)));
        tell("atEqualPriorityDropWins", !exchange(ONE, A, THREE, C, PORT, LOST_MILLIS));
        tell("othersOfTheSourceGroupGoOn", exchange(TWO, B, THREE, C, PORT, ARRIVES_MILLIS));
        try (DatagramSocket server = Drill.open(THREE, C, PORT);
                DatagramSocket client = Drill.open(TWO, B, 0)) {
            boolean before = Drill.arrives(client, server, ARRIVES_MILLIS);
            is(web, web, db);
            tell("aRemovedRuleCutsWhatItLetIn", before && !Drill.arrives(client, server, LOST_MILLIS));
        }
    }

    private void enterpriseGroups() {
        SecurityGroup closed = group("sg-ent", ENTERPRISE, false);
        SecurityGroup open = group("sg-open", BASIC, false, rule(true, "0.0.0.0/0"));
        is(closed, closed, open);
        tell("anEnterpriseGroupLetsNothingOut", !exchange(ONE, A, THREE, C, PORT, LOST_MILLIS));
        tell("norIn", !exchange(THREE, C, ONE, A, PORT, LOST_MILLIS));
        tell("norBetweenItsMembers", !exchange(ONE, A, TWO, B, PORT, LOST_MILLIS));
        is(closed.withRules(List.of(rule(false, "10.0.0.3/32"))), closed, open);
        tell("anEgressRuleLetsOut", converse(ONE, A, THREE, C, PORT, ARRIVES_MILLIS));
    }

    /** The groups of the three ENIs; the last one of an id is the one that is in force. */
    private void is(SecurityGroup one, SecurityGroup two, SecurityGroup three) {
        List<SecurityGroup> groups = one.id().equals(two.id()) ? List.of(one, three) : List.of(one, two, three);
        fabric.apply(
                List.of(plug(1, ONE, A, one), plug(2, TWO, B, two), plug(3, THREE, C, three)), List.of(SUBNET), groups);
    }

    private static Plug plug(int number, NodeName node, Ip ip, SecurityGroup group) {
        return new Plug(
                new EniId("eni-" + number),
                new Mac(0x00163e000000L + number),
                node,
                true,
                List.of(SUBNET),
                List.of(ip),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(group.id()));
    }
}
