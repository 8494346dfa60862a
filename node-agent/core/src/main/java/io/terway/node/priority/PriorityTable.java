package io.terway.node.priority;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.NftTable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The nftables table that gives packets the priority of their pod, by which the queues of ENIs take them. */
public final class PriorityTable {

    public static final String NAME = "inet terway_priority";

    private PriorityTable() {}

    /** On the host: by the pod's address. A pod cannot choose for itself by the type of service of its packets. */
    public static NftTable of(Map<Ip, NetworkPriority> pods) {
        return new NftTable(
                NAME, "table " + NAME + " {\n" + map("ipv4", Family.IPV4, pods) + map("ipv6", Family.IPV6, pods) + """
                	chain out {
                		type filter hook postrouting priority mangle; policy accept;
                		meta priority set ip saddr map @ipv4
                		meta priority set ip6 saddr map @ipv6
                	}
                }
                """);
    }

    /** Commands that add these to the host's table; refused where it says something else of one. */
    public static String add(Map<Ip, NetworkPriority> pods) {
        return commands(
                "add",
                new TreeMap<>(pods)
                        .entrySet().stream()
                                .map(pod -> Map.entry(
                                        pod.getKey(),
                                        pod.getKey() + " : " + pod.getValue().word())));
    }

    /** Commands that take these out of the host's table; refused where one is not there. */
    public static String remove(Set<Ip> pods) {
        return commands("delete", new TreeSet<>(pods).stream().map(ip -> Map.entry(ip, ip.toString())));
    }

    private static String commands(String verb, Stream<Map.Entry<Ip, String>> elements) {
        return elements.map(element -> "%s element %s %s { %s }\n"
                        .formatted(
                                verb,
                                NAME,
                                element.getKey().family() == Family.IPV4 ? "ipv4" : "ipv6",
                                element.getValue()))
                .collect(Collectors.joining());
    }

    /** Inside a pod whose link is a part of an ENI's: all it sends there. */
    public static NftTable inside(String link, NetworkPriority priority) {
        return new NftTable(NAME, """
                table %s {
                	chain out {
                		type filter hook postrouting priority mangle; policy accept;
                		oifname "%s" meta priority set %s
                	}
                }
                """.formatted(NAME, link, priority.word()));
    }

    private static String map(String name, Family family, Map<Ip, NetworkPriority> pods) {
        StringBuilder elements = new StringBuilder();
        new TreeMap<>(pods).forEach((ip, priority) -> {
            if (ip.family() == family) {
                elements.append(elements.isEmpty() ? "\t\telements = { " : ", ")
                        .append(ip)
                        .append(" : ")
                        .append(priority.word());
            }
        });
        return "\tmap " + name + " {\n\t\ttype " + name + "_addr : classid\n"
                + (elements.isEmpty() ? "" : elements + " }\n") + "\t}\n\n";
    }
}
