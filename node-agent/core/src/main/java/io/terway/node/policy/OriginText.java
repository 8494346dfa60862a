package io.terway.node.policy;

import io.terway.net.Family;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * No pod sends in another's name: policy knows pods by their address, and a process that may open raw sockets writes what
 * it likes there. Every packet is looked at, also those of known connections, because a forged one may claim to belong to
 * one. ARP and neighbour discovery need no rule: links of the host lead to one pod each, with permanent neighbours at both
 * ends, and the VPC answers for the rest.
 */
final class OriginText {

    static final String CHAIN = "origin";

    /** Before connection tracking: what is forged leaves no trace there. */
    private static final String FIRST = "type filter hook prerouting priority -300; policy accept;";

    /** After source NAT, because a pod may translate addresses of its own, as containers inside of it need. */
    private static final String LAST = "type filter hook postrouting priority 110; policy accept;";

    private static final String FORGED = "another's address";

    private OriginText() {}

    static NftChain chain(TablePlace place, Set<Family> families) {
        return switch (place) {
            case NODE -> new NftChain(CHAIN, FIRST, node());
            case POD -> new NftChain(CHAIN, LAST, pod(families));
        };
    }

    /** Asks the node's own routes: a pod's address leads to the pod's link, so the list of pods is not written twice. */
    private static List<NftRule> node() {
        return List.of(
                NftRule.of("iifname != \"" + LinkNames.HOST_PREFIX + "*\" accept"),
                NftRule.of("ip6 saddr { ::, fe80::/10 } accept", "never leaves the link"),
                NftRule.of("fib saddr . iif oif missing counter drop", FORGED));
    }

    private static List<NftRule> pod(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(NftRule.of("oifname { \"lo\", \"" + Conventions.PEER_LINK + "\" } accept", "looked at by the host"));
        rules.add(NftRule.of("ip6 saddr { ::, fe80::/10 } accept", "never leaves the link"));
        for (Family family : families) {
            rules.add(
                    NftRule.of(SetNames.word(family) + " saddr != @" + SetNames.own(family) + " counter drop", FORGED));
        }
        return rules;
    }

    /** What a pod's own table knows it by; the node's asks the routes. */
    static List<NftSet> sets(NodePolicy policy, Set<Family> families) {
        List<NftSet> sets = new ArrayList<>();
        for (Family family : families) {
            Map<String, String> own = new HashMap<>();
            policy.pods().stream()
                    .flatMap(pod -> pod.addresses().stream())
                    .filter(ip -> ip.family() == family)
                    .forEach(ip -> own.put(ip.toString(), NftSet.MEMBER));
            sets.add(new NftSet(SetNames.own(family), SetNames.addressType(family), false, false, own));
        }
        return sets;
    }
}
