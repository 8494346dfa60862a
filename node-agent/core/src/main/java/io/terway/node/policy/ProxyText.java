package io.terway.node.policy;

import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The way to the HTTP proxy and back. New connections that only requests decide are led to its socket, with their
 * addresses as they are; later packets follow the socket. Both kinds of its connections bear a mark in connection
 * tracking: those it accepted must never go on past it, which the packets of one that outlived it would do.
 */
final class ProxyText {

    private static final String LED = "to_proxy";
    private static final String LED_OUT = "out_to_proxy";

    /** After Service translation: the pod's own address must be read. */
    private static final String BEFORE_ROUTING = "type filter hook prerouting priority -90; policy accept;";

    private static final String OUT = "type route hook output priority -150; policy accept;";

    /** Just before packets are judged. */
    private static final String PAST = "type filter hook postrouting priority 94; policy accept;";

    private static final String PAST_IN_POD = "type filter hook input priority -1; policy accept;";

    /** By which answers leave by the link their question came by: bits of the node's own table. */
    private static final String SYMMETRIC = "0x00000010";

    private ProxyText() {}

    /** Chain that leads a connection to the proxy; inside of a pod its own ones begin at its processes. */
    static String lead(TablePlace place, Direction direction) {
        return place == TablePlace.POD && direction == Direction.EGRESS ? LED_OUT : LED;
    }

    static List<NftChain> chains(TablePlace place, Set<Family> families) {
        return switch (place) {
            case NODE -> node(families);
            case POD ->
                List.of(
                        new NftChain("requests", BEFORE_ROUTING, InnerProxyText.in(families)),
                        new NftChain("proxy_out", OUT, InnerProxyText.out(families)),
                        new NftChain("past_proxy", PAST_IN_POD, InnerProxyText.past()),
                        new NftChain(LED, "", led(families)),
                        new NftChain(LED_OUT, "", InnerProxyText.ledOut()));
        };
    }

    private static List<NftChain> node(Set<Family> families) {
        return List.of(
                new NftChain("requests", BEFORE_ROUTING, requests(families)),
                new NftChain("proxy_out", OUT, out()),
                new NftChain("past_proxy", PAST, past()),
                new NftChain(LED, "", led(families)));
    }

    private static List<NftRule> requests(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(NftRule.of("meta l4proto != tcp return"));
        rules.add(NftRule.of(
                "ct mark & 0x03000000 != 0 socket transparent 1 meta mark set meta mark | " + L7Marks.REDIRECT
                        + " accept",
                "connections of the proxy"));
        rules.add(NftRule.of("tcp flags & (fin | syn | rst | ack) != syn return", "begun elsewhere"));
        rules.add(NftRule.of(
                "ct state new " + L7Marks.has("ct mark", L7Marks.REDIRECT) + " ct mark set ct mark & 0xfeffffff",
                "tried again, when it may be judged otherwise"));
        rules.add(NftRule.of("fib daddr type local return", "to the own node"));
        for (Family family : families) {
            String ip = SetNames.word(family);
            rules.add(NftRule.of(
                    ip + " saddr . " + ip + " daddr @" + SetNames.self(family) + " return", "pod to itself"));
        }
        for (Direction direction : List.of(Direction.INGRESS, Direction.EGRESS)) {
            families.forEach(family -> rules.add(verdict(direction, family)));
        }
        return rules;
    }

    static NftRule ofProxy() {
        return NftRule.of(
                "ct mark & 0x03000000 != 0 socket transparent 1 meta mark set meta mark | " + L7Marks.REDIRECT
                        + " accept",
                "connections of the proxy");
    }

    static NftRule begunElsewhere() {
        return NftRule.of("tcp flags & (fin | syn | rst | ack) != syn return", "begun elsewhere");
    }

    static NftRule again() {
        return NftRule.of(
                "ct state new " + L7Marks.has("ct mark", L7Marks.REDIRECT) + " ct mark set ct mark & 0xfeffffff",
                "tried again, when it may be judged otherwise");
    }

    static NftRule verdict(Direction direction, Family family) {
        return NftRule.of(SetNames.word(family) + " " + direction.ownAddress() + " vmap @"
                + SetNames.requests(direction, family));
    }

    private static List<NftRule> out() {
        return List.of(
                NftRule.of(
                        L7Marks.has("meta mark", L7Marks.UPSTREAM) + " ct mark set ct mark | " + L7Marks.UPSTREAM,
                        "the proxy's own connections"),
                NftRule.of(
                        "ct direction reply " + L7Marks.has("ct mark", L7Marks.REDIRECT) + " "
                                + L7Marks.has("ct mark", SYMMETRIC) + " meta mark set meta mark | " + SYMMETRIC,
                        "answers leave where their question came in"));
    }

    private static List<NftRule> past() {
        return List.of(NftRule.of(
                "ct direction original " + L7Marks.has("ct mark", L7Marks.REDIRECT) + " drop",
                "nothing passes the proxy by"));
    }

    /** Without a socket there the packet goes on, and is dropped as not the proxy's. */
    private static List<NftRule> led(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(NftRule.of("ct mark set ct mark | " + L7Marks.REDIRECT));
        families.forEach(family -> rules.add(NftRule.of(toSocket(family))));
        return rules;
    }

    static String toSocket(Family family) {
        String to = switch (family) {
            case IPV4 -> "meta nfproto ipv4 meta l4proto tcp tproxy ip to 127.0.0.1:";
            case IPV6 -> "meta nfproto ipv6 meta l4proto tcp tproxy ip6 to [::1]:";
        };
        return to + L7Marks.PORT + " meta mark set meta mark | " + L7Marks.REDIRECT + " accept";
    }

    /** From the pods whose programs have HTTP rules to the chains that find the connections. */
    static List<NftSet> sets(NodePolicy policy, Set<Family> families) {
        List<NftSet> sets = new ArrayList<>();
        for (Family family : families) {
            for (Direction direction : Direction.values()) {
                Map<String, String> chains = new HashMap<>();
                for (PodPolicy pod : policy.pods()) {
                    policy.program(pod, direction)
                            .filter(PolicyProgram::hasHttp)
                            .ifPresent(program -> pod.addresses().stream()
                                    .filter(ip -> ip.family() == family)
                                    .map(Ip::toString)
                                    .forEach(ip -> chains.put(ip, "jump " + SetNames.requests(program.id()))));
                }
                sets.add(new NftSet(
                        SetNames.requests(direction, family), SetNames.addressType(family), true, false, chains));
            }
        }
        return sets;
    }
}
