package io.terway.node.policy;

import io.terway.net.Family;
import io.terway.node.datapath.Conventions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The base chains: what always passes, and the way to the programs. */
final class JudgeText {

    /** Just before source NAT: Service translation and IPVS are done, the node's own packets still show its address. */
    private static final String BEFORE_SOURCE_NAT = "type filter hook postrouting priority 95; policy accept;";

    private static final String INTO_POD = "type filter hook input priority 0; policy accept;";

    private JudgeText() {}

    static List<NftChain> chains(TablePlace place, Set<Family> families) {
        return switch (place) {
            case NODE -> List.of(new NftChain("judge", BEFORE_SOURCE_NAT, node(families)));
            case POD ->
                List.of(
                        new NftChain("judge_out", BEFORE_SOURCE_NAT, pod(Direction.EGRESS, "oifname", families)),
                        new NftChain("judge_in", INTO_POD, pod(Direction.INGRESS, "iifname", families)));
        };
    }

    /** Egress first, then ingress: both ends of a connection may be pods of this node. */
    private static List<NftRule> node(Set<Family> families) {
        List<NftRule> rules = always(families);
        rules.add(NftRule.of("fib saddr type local accept", "own node"));
        for (Family family : families) {
            String ip = SetNames.word(family);
            rules.add(NftRule.of(
                    ip + " saddr . " + ip + " daddr @" + SetNames.self(family) + " accept", "pod to itself"));
        }
        for (Direction direction : List.of(Direction.EGRESS, Direction.INGRESS)) {
            families.forEach(family -> rules.add(midstream(direction, family)));
        }
        for (Direction direction : List.of(Direction.EGRESS, Direction.INGRESS)) {
            families.forEach(family -> rules.add(program(direction, family)));
        }
        return rules;
    }

    /** What goes by the host peer is the node itself, or was judged by the node's table. */
    private static List<NftRule> pod(Direction direction, String link, Set<Family> families) {
        List<NftRule> rules = always(families);
        if (direction == Direction.INGRESS) {
            rules.add(NftRule.of(L7Marks.has("meta mark", L7Marks.REDIRECT) + " accept", "to the HTTP proxy"));
        }
        rules.add(NftRule.of(link + " \"lo\" accept", "pod to itself"));
        rules.add(NftRule.of(link + " \"" + Conventions.PEER_LINK + "\" accept", "by the host"));
        families.forEach(family -> rules.add(midstream(direction, family)));
        families.forEach(family -> rules.add(program(direction, family)));
        return rules;
    }

    private static List<NftRule> always(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(NftRule.of("ct state established,related accept", "accepted before"));
        if (families.contains(Family.IPV6)) {
            rules.add(NftRule.of("icmpv6 type { 133, 134, 135, 136, 137 } accept", "neighbour discovery"));
        }
        return rules;
    }

    /**
     * A mid-stream TCP packet without a connection belongs to one that was cut: were the side that may open connections
     * let through, the cut one would come back to life as its own.
     */
    private static NftRule midstream(Direction direction, Family family) {
        return NftRule.of(
                "ct state { new, invalid } tcp flags & (fin | syn | rst | ack) != syn " + SetNames.word(family) + " "
                        + direction.ownAddress() + " @" + SetNames.bound(family) + " goto "
                        + DenialLog.chainName(direction),
                "cut connections");
    }

    private static NftRule program(Direction direction, Family family) {
        return NftRule.of(SetNames.word(family) + " " + direction.ownAddress() + " vmap @"
                + SetNames.verdicts(direction, family));
    }
}
