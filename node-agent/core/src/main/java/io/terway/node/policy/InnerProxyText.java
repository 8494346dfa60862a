package io.terway.node.policy;

import io.terway.net.Family;
import io.terway.node.datapath.Conventions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The way to the HTTP proxy's sockets inside of a pod. What comes in is led there as on the node. What the pod's own
 * processes send is turned round at output, over the loopback; and so are the pod's answers to the proxy, which asks it in
 * its clients' names.
 */
final class InnerProxyText {

    private static final String MARKED = "meta mark set meta mark | " + L7Marks.REDIRECT;

    private InnerProxyText() {}

    static List<NftRule> in(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(NftRule.of("meta l4proto != tcp return"));
        rules.add(NftRule.of(L7Marks.has("meta mark", L7Marks.UPSTREAM) + " return", "the proxy's own"));
        rules.add(ProxyText.ofProxy());
        rules.add(ProxyText.begunElsewhere());
        families.forEach(family -> rules.add(NftRule.of(
                "iifname \"lo\" " + L7Marks.has("meta mark", L7Marks.REDIRECT) + " " + ProxyText.toSocket(family),
                "turned round at output")));
        rules.add(NftRule.of("iifname \"lo\" return", "pod to itself"));
        rules.add(NftRule.of("iifname \"" + Conventions.PEER_LINK + "\" return", "by the host"));
        rules.add(ProxyText.again());
        families.forEach(family -> rules.add(ProxyText.verdict(Direction.INGRESS, family)));
        return rules;
    }

    static List<NftRule> out(Set<Family> families) {
        List<NftRule> rules = new ArrayList<>();
        rules.add(NftRule.of("meta l4proto != tcp return"));
        rules.add(NftRule.of(
                L7Marks.has("meta mark", L7Marks.UPSTREAM) + " ct mark set ct mark | " + L7Marks.UPSTREAM + " return",
                "the proxy's own"));
        rules.add(NftRule.of(
                "ct direction reply " + L7Marks.has("ct mark", L7Marks.UPSTREAM) + " " + MARKED + " return",
                "answers to the proxy"));
        rules.add(NftRule.of("oifname \"lo\" return", "pod to itself"));
        rules.add(NftRule.of("oifname \"" + Conventions.PEER_LINK + "\" return", "by the host"));
        rules.add(ProxyText.again());
        rules.add(NftRule.of(
                "ct direction original " + L7Marks.has("ct mark", L7Marks.REDIRECT) + " " + MARKED + " return",
                "what the proxy took"));
        rules.add(ProxyText.begunElsewhere());
        families.forEach(family -> rules.add(ProxyText.verdict(Direction.EGRESS, family)));
        return rules;
    }

    /** What the proxy took and no socket of it has any more must not reach the pod's. */
    static List<NftRule> past() {
        return List.of(NftRule.of(
                "ct direction original " + L7Marks.has("ct mark", L7Marks.REDIRECT) + " meta mark & " + L7Marks.REDIRECT
                        + " != " + L7Marks.REDIRECT + " drop",
                "nothing passes the proxy by"));
    }

    static List<NftRule> ledOut() {
        return List.of(NftRule.of("ct mark set ct mark | " + L7Marks.REDIRECT + " " + MARKED));
    }
}
