package io.terway.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a pod could leave on a node, as the tools of the system show it: to be compared with what was there before. */
final class NodeTraces {

    /** What changes by itself: counters, ages, how long an address is valid, neighbours that the kernel found out. */
    private static final Map<String, String> COMMANDS = Map.ofEntries(
            Map.entry("links", "ip -o link"),
            Map.entry("addresses", "ip -o addr"),
            Map.entry("IPv4 rules", "ip -4 rule"),
            Map.entry("IPv6 rules", "ip -6 rule"),
            Map.entry("IPv4 routes", "ip -4 route show table all"),
            Map.entry("IPv6 routes", "ip -6 route show table all"),
            Map.entry("neighbours", "ip neigh show nud permanent"),
            Map.entry("IPv4 proxies", "ip -4 neigh show proxy"),
            Map.entry("IPv6 proxies", "ip -6 neigh show proxy"),
            Map.entry("nftables", "nft -s list ruleset"),
            Map.entry("queues", "tc qdisc show"),
            Map.entry("programs of eth1 in", "tc filter show dev eth1 ingress"),
            Map.entry("programs of eth1 out", "tc filter show dev eth1 egress"),
            Map.entry("pinned bpf objects", "find /sys/fs/bpf -name *terway*"));

    private static final String EVERYTHING = """
            ip -o link; ip -o addr; ip -4 rule; ip -6 rule; ip -4 route show table all; ip -6 route show table all
            ip neigh show nud permanent; ip -4 neigh show proxy; ip -6 neigh show proxy
            nft -s list ruleset; tc qdisc show
            sysctl -a -r 'net.ipv[46].(ip_forward|conf.*[.](rp_filter|forwarding|send_redirects|accept_ra|accept_dad|disable_ipv6))'
            """;

    private NodeTraces() {}

    static Map<String, List<String>> of(NodeLab lab) {
        Map<String, List<String>> all = new TreeMap<>();
        COMMANDS.forEach((what, command) -> all.put(
                what,
                lab.in("node", command)
                        .output()
                        .lines()
                        .map(NodeTraces::lasting)
                        .filter(line -> !line.isEmpty())
                        .sorted()
                        .toList()));
        all.put("files", files(lab.path("state")));
        try {
            all.put("bpf descriptors", List.of(Long.toString(lab.bpfDescriptors())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** In these namespaces, each in one go; without numbers that a link made anew has others of. */
    static Map<String, List<String>> inside(NodeLab lab, List<String> namespaces) {
        Map<String, List<String>> all = new TreeMap<>();
        for (String namespace : namespaces) {
            all.put(
                    namespace,
                    lab.shell(namespace, EVERYTHING)
                            .output()
                            .lines()
                            .map(line -> lasting(line.replaceAll("^\\d+: |@if\\d+|link-netnsid \\d+", "")))
                            .filter(line -> !line.isEmpty())
                            .sorted()
                            .toList());
        }
        return all;
    }

    /** Without what changes by itself: how long an address is valid, and numbers that the kernel gives to queues. */
    private static String lasting(String line) {
        return line.replaceAll("expires \\S+", "")
                .replaceAll("(qdisc \\w+ |parent )[0-9a-f]+:", "$1")
                .strip();
    }

    private static List<String> files(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.map(path -> directory.relativize(path).toString())
                    .filter(name -> !name.equals("ledger.replaced")) // for people, after damage
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
