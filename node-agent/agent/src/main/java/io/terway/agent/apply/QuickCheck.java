package io.terway.agent.apply;

import io.terway.linux.netlink.Link;
import io.terway.net.Family;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.PodAttachment;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** A look at all links of the host at once: one dump tells their state and most of their sysctls. */
final class QuickCheck {

    private static final Map<String, Integer> IPV4 = Map.of("rp_filter", 0, "send_redirects", 0, "forwarding", 1);
    private static final Map<String, Integer> IPV6 =
            Map.of("disable_ipv6", 0, "accept_ra", 0, "accept_dad", 0, "forwarding", 1);

    private QuickCheck() {}

    /** The pods whose host link is not as wanted. Those whose links are all inside are not judged. */
    static Set<SandboxKey> suspects(Collection<PodAttachment> pods, List<Link> links) {
        Map<String, Link> byName = new HashMap<>();
        links.forEach(link -> byName.put(link.name(), link));
        Set<SandboxKey> suspects = new LinkedHashSet<>();
        for (PodAttachment pod : pods) {
            boolean hasHostLink = !(pod.connection() instanceof Connection.NicInPod nic) || nic.hostPeer();
            Link link = byName.get(LinkNames.hostLink(pod.pod(), pod.key().ifName()));
            if (hasHostLink && (link == null || !isIntact(link, pod))) {
                suspects.add(pod.key());
            }
        }
        return suspects;
    }

    /**
     * True when the known links of ENIs are up, forward and carry what pods need.
     *
     * @param enis what MTU pods need of each
     */
    static boolean enisIntact(Map<Mac, Integer> enis, List<Link> links) {
        return links.stream()
                .filter(link -> enis.containsKey(link.mac()))
                .allMatch(link ->
                        link.up() && link.mtu() >= enis.get(link.mac()) && sysctlsHold(link, Family.IPV4, IPV4));
    }

    private static boolean isIntact(Link link, PodAttachment pod) {
        return link.up()
                && link.alias().equals(Conventions.alias(pod.key()))
                && link.mac().equals(LinkNames.hostMac(pod.key()))
                && link.mtu() == pod.mtu()
                && pod.families().stream().allMatch(f -> sysctlsHold(link, f, f == Family.IPV4 ? IPV4 : IPV6));
    }

    private static boolean sysctlsHold(Link link, Family family, Map<String, Integer> wanted) {
        return wanted.entrySet().stream().allMatch(e -> {
            OptionalInt told = link.config().value(family, e.getKey());
            return told.isEmpty() || told.getAsInt() == e.getValue();
        });
    }
}
