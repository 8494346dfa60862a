package io.terway.node.policy;

import io.terway.net.Family;
import io.terway.node.datapath.Conventions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The base chains: known connections pass, the others find the way to their programs. What passes whatever the programs say
 * is looked for only when they deny it, so that what they accept does not pay for that.
 */
final class JudgeText {

    /** Where packets are looked at that belong to no connection and open none. */
    static final String MIDSTREAM = "midstream";

    /** Just before source NAT: Service translation and IPVS are done, the node's own packets still show its address. */
    private static final String BEFORE_SOURCE_NAT = "type filter hook postrouting priority 95; policy accept;";

    private static final String INTO_POD = "type filter hook input priority 0; policy accept;";

    private static final String OPENS_NOTHING = "tcp flags & (fin | syn | rst | ack) != syn ";

    /** Egress first, then ingress: both ends of a connection may be pods of this node. */
    private static final List<Direction> BOTH = List.of(Direction.EGRESS, Direction.INGRESS);

    private JudgeText() {}

    static List<NftChain> chains(TablePlace place, Set<Family> families) {
        return switch (place) {
            case NODE ->
                List.of(
                        new NftChain("judge", BEFORE_SOURCE_NAT, node(families)),
                        new NftChain(MIDSTREAM, "", midstream(families)));
            case POD ->
                List.of(
                        new NftChain("judge_out", BEFORE_SOURCE_NAT, pod(Direction.EGRESS, families)),
                        new NftChain("judge_in", INTO_POD, pod(Direction.INGRESS, families)));
        };
    }

    private static List<NftRule> node(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(accepted());
        rules.add(NftRule.of(OPENS_NOTHING + "jump " + MIDSTREAM));
        BOTH.forEach(direction -> families.forEach(family -> rules.add(program(direction, family))));
        return rules;
    }

    private static List<NftRule> pod(Direction direction, Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(accepted());
        families.forEach(family -> rules.add(cut(OPENS_NOTHING, direction, family)));
        families.forEach(family -> rules.add(program(direction, family)));
        return rules;
    }

    private static NftRule accepted() {
        return NftRule.of("ct state established,related accept", "accepted before");
    }

    private static List<NftRule> midstream(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        BOTH.forEach(direction -> families.forEach(family -> rules.add(cut("", direction, family))));
        return rules;
    }

    /**
     * A mid-stream TCP packet without a connection belongs to one that was cut: were the side that may open connections
     * let through, the cut one would come back to life as its own.
     */
    private static NftRule cut(String condition, Direction direction, Family family) {
        return NftRule.of(
                condition + "ct state new,invalid " + SetNames.word(family) + " " + direction.ownAddress() + " @"
                        + SetNames.bound(family) + " goto " + DenialLog.chainName(direction),
                "cut connections");
    }

    private static NftRule program(Direction direction, Family family) {
        return NftRule.of(SetNames.word(family) + " " + direction.ownAddress() + " vmap @"
                + SetNames.verdicts(direction, family));
    }

    /** What passes although no program accepts it. */
    static List<NftRule> spared(TablePlace place, Direction direction, Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        if (families.contains(Family.IPV6)) {
            rules.add(NftRule.of("icmpv6 type { 133, 134, 135, 136, 137 } accept", "neighbour discovery"));
        }
        switch (place) {
            case NODE -> {
                if (direction == Direction.INGRESS) {
                    rules.add(NftRule.of("fib saddr type local accept", "own node"));
                }
                for (Family family : families) {
                    String ip = SetNames.word(family);
                    rules.add(NftRule.of(
                            ip + " saddr . " + ip + " daddr @" + SetNames.self(family) + " accept", "pod to itself"));
                }
            }
            case POD -> rules.addAll(sparedInside(direction));
        }
        return rules;
    }

    /** What goes by the host peer is the node itself, or was judged by the node's table. */
    private static List<NftRule> sparedInside(Direction direction) {
        String link = direction == Direction.INGRESS ? "iifname" : "oifname";
        List<NftRule> rules = new ArrayList<>();
        if (direction == Direction.INGRESS) {
            rules.add(NftRule.of(L7Marks.has("meta mark", L7Marks.REDIRECT) + " accept", "to the HTTP proxy"));
        }
        rules.add(NftRule.of(link + " \"lo\" accept", "pod to itself"));
        rules.add(NftRule.of(link + " \"" + Conventions.PEER_LINK + "\" accept", "by the host"));
        return rules;
    }
}
