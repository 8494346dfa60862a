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

    /**
     * For so long the routes are not asked again whether a source may come by a link. A link has an index that no later
     * one gets, and is down before its pod's address is another's, so what was right of it stays right.
     */
    private static final String KNOWN_FOR = "30s";

    private OriginText() {}

    static NftChain chain(TablePlace place, Set<Family> families) {
        return switch (place) {
            case NODE -> new NftChain(CHAIN, FIRST, node());
            case POD -> new NftChain(CHAIN, LAST, pod(families));
        };
    }

    /**
     * Asks the node's own routes: a pod's address leads to the pod's link, so the list of pods is not written twice. A look
     * at the routes walks the rules of all pods, for every packet; so what they said is remembered.
     */
    private static List<NftRule> node() {
        List<NftRule> rules = new ArrayList<>();
        rules.add(known(Family.IPV4));
        rules.add(NftRule.of("iifname != \"" + LinkNames.HOST_PREFIX + "*\" accept"));
        rules.add(known(Family.IPV6));
        rules.add(NftRule.of("ip6 saddr { ::, fe80::/10 } accept", "never leaves the link"));
        rules.add(NftRule.of("fib saddr . iif oif missing goto " + DenialLog.FORGED, FORGED));
        for (Family family : Family.values()) {
            rules.add(NftRule.of(
                    "add @" + SetNames.known(family) + " { " + key(family) + " timeout " + KNOWN_FOR + " }",
                    "the routes agree"));
        }
        return rules;
    }

    private static NftRule known(Family family) {
        return NftRule.of(key(family) + " @" + SetNames.known(family) + " accept", "known to come by there");
    }

    private static String key(Family family) {
        return "iif . " + SetNames.word(family) + " saddr";
    }

    private static List<NftRule> pod(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        for (Family family : families) {
            rules.add(NftRule.of(SetNames.word(family) + " saddr @" + SetNames.own(family) + " accept", "its own"));
        }
        rules.add(NftRule.of("oifname { \"lo\", \"" + Conventions.PEER_LINK + "\" } accept", "looked at by the host"));
        rules.add(NftRule.of("ip6 saddr { ::, fe80::/10 } accept", "never leaves the link"));
        for (Family family : families) {
            String word = family == Family.IPV4 ? "ipv4" : "ipv6";
            rules.add(NftRule.of("meta nfproto " + word + " goto " + DenialLog.FORGED, FORGED));
        }
        return rules;
    }

    /** What a pod's own table knows it by; the node's asks the routes, and remembers what they said. */
    static List<NftSet> sets(TablePlace place, NodePolicy policy, Set<Family> families) {
        return switch (place) {
            case NODE ->
                List.of(
                        NftSet.learned(SetNames.known(Family.IPV4), "iface_index . ipv4_addr"),
                        NftSet.learned(SetNames.known(Family.IPV6), "iface_index . ipv6_addr"));
            case POD -> families.stream().map(family -> own(policy, family)).toList();
        };
    }

    private static NftSet own(NodePolicy policy, Family family) {
        Map<String, String> own = new HashMap<>();
        policy.pods().stream()
                .flatMap(pod -> pod.addresses().stream())
                .filter(ip -> ip.family() == family)
                .forEach(ip -> own.put(ip.toString(), NftSet.MEMBER));
        return new NftSet(SetNames.own(family), SetNames.addressType(family), false, false, own);
    }
}
