package io.terway.lab.fabric.firewall;

import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.lab.fabric.Plug;
import io.terway.lab.fabric.Port;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.SecurityGroupId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Security groups and their members as chains and sets; {@code Firewall} of the simulator says what they must do. */
final class FirewallCompiler {

    /** The smaller number wins; at equal priority drop wins. */
    private static final Comparator<SecurityRule> STRONGEST_FIRST =
            Comparator.comparingInt(SecurityRule::priority).thenComparing(SecurityRule::accept);

    private final Map<SecurityGroupId, SecurityGroup> groups = new HashMap<>();
    private final SortedMap<String, SortedSet<String>> sets = new TreeMap<>();

    private FirewallCompiler() {}

    static FirewallView compile(Collection<Plug> plugs, Collection<SecurityGroup> groups) {
        FirewallCompiler compiler = new FirewallCompiler();
        groups.forEach(compiler::declare);
        plugs.forEach(compiler::enlist);
        SortedMap<String, List<String>> chains = new TreeMap<>();
        SortedMap<String, String> egress = new TreeMap<>();
        SortedMap<String, String> ingress = new TreeMap<>();
        for (Plug plug : plugs) {
            List<SecurityGroup> joined = new TreeSet<>(plug.groups())
                    .stream()
                            .map(compiler.groups::get)
                            .filter(group -> group != null)
                            .toList();
            String suffix =
                    String.join("_", joined.stream().map(FirewallCompiler::name).toList());
            String link = Port.linkOf(plug.eni());
            egress.put(link, "out_" + suffix);
            ingress.put(link, "in_" + suffix);
            chains.computeIfAbsent("out_" + suffix, name -> compiler.chain(joined, false));
            chains.computeIfAbsent("in_" + suffix, name -> compiler.chain(joined, true));
        }
        return new FirewallView(compiler.sets, chains, egress, ingress);
    }

    private void declare(SecurityGroup group) {
        groups.put(group.id(), group);
        for (Family family : Family.values()) {
            sets.put(set(group.id(), family), new TreeSet<>());
        }
    }

    /** A group as a peer is every private address of its members; pod blocks routed to an instance are none. */
    private void enlist(Plug plug) {
        Stream<Cidr> own = Stream.concat(plug.addresses().stream().map(Cidr::single), plug.prefixes().stream());
        List<Cidr> blocks = own.toList();
        plug.groups().stream()
                .filter(groups::containsKey)
                .forEach(group -> blocks.forEach(
                        block -> sets.get(set(group, block.family())).add(block.toString())));
    }

    private List<String> chain(List<SecurityGroup> joined, boolean ingress) {
        boolean basic = joined.stream().allMatch(group -> group.kind() == SecurityGroup.Kind.NORMAL);
        List<String> lines = new ArrayList<>();
        if (basic) {
            joined.stream()
                    .filter(SecurityGroup::innerAccept)
                    .forEach(group -> lines.addAll(ofGroup(group.id(), ingress, "", "accept")));
        }
        joined.stream()
                .flatMap(group -> group.rules().stream())
                .filter(rule -> rule.ingress() == ingress)
                .sorted(STRONGEST_FIRST)
                .forEach(rule -> lines.addAll(lines(rule)));
        boolean acceptOtherwise = basic && !ingress && !joined.isEmpty();
        lines.add(acceptOtherwise ? "accept" : "counter name denied drop");
        return List.copyOf(lines);
    }

    private List<String> lines(SecurityRule rule) {
        String verdict = rule.accept() ? "accept" : "counter name denied drop";
        return switch (rule.peer()) {
            case SecurityRule.Peer.Block block ->
                List.of(peer(block.cidr().family(), rule.ingress()) + block.cidr() + match(rule) + " " + verdict);
            case SecurityRule.Peer.Group group ->
                groups.containsKey(group.group())
                        ? ofGroup(group.group(), rule.ingress(), match(rule), verdict)
                        : List.of();
            case SecurityRule.Peer.PrefixList list -> List.of();
        };
    }

    private static List<String> ofGroup(SecurityGroupId group, boolean ingress, String match, String verdict) {
        return Stream.of(Family.values())
                .map(family -> peer(family, ingress) + "@" + set(group, family) + match + " " + verdict)
                .toList();
    }

    private static String match(SecurityRule rule) {
        return switch (rule.protocol()) {
            case "all" -> "";
            case "tcp", "udp" -> " " + rule.protocol() + " dport " + rule.firstPort() + "-" + rule.lastPort();
            case "icmpv6" -> " meta l4proto ipv6-icmp";
            case String other -> " meta l4proto " + other;
        };
    }

    private static String peer(Family family, boolean ingress) {
        return (family == Family.IPV4 ? "ip " : "ip6 ") + (ingress ? "saddr " : "daddr ");
    }

    private static String set(SecurityGroupId group, Family family) {
        return "of_" + text(group) + (family == Family.IPV4 ? "_4" : "_6");
    }

    private static String name(SecurityGroup group) {
        return text(group.id());
    }

    /** nft names have no hyphen. */
    private static String text(SecurityGroupId group) {
        return group.value().replace('-', '_');
    }
}
