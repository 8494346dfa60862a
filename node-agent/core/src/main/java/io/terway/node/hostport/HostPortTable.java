package io.terway.node.hostport;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.NftTable;
import io.terway.node.policy.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The nftables table that leads ports of the node to pods: from outside, from pods and from the node itself, in IPv4 also
 * at its loopback addresses. A rule each, looked at for the first packet of a connection to an own address only. A port of
 * one address comes before the same port of all. The loopback needs links to pods that let such addresses pass
 * (route_localnet): only what was led there by a port does.
 */
public final class HostPortTable {

    public static final String NAME = "inet terway_hostport";

    private static final Pattern LEAD =
            Pattern.compile("(?:meta nfproto (ipv[46])|ip6? daddr (\\S+)) (tcp|udp|sctp) dport (\\d+)"
                    + " dnat ip6? to (?:\\[([^]]+)]|([^:\\s]+)):(\\d+)");

    private HostPortTable() {}

    /** Which ports lead to which address, as a listing of the table says: a witness when the ledger is lost. */
    public static Map<Ip, List<HostPort>> read(String listing) {
        Map<Ip, List<HostPort>> ports = new LinkedHashMap<>();
        listing.lines()
                .map(String::strip)
                .map(LEAD::matcher)
                .filter(Matcher::matches)
                .forEach(lead -> {
                    Ip pod = Ip.parse(lead.group(5) == null ? lead.group(6) : lead.group(5));
                    Transport transport = Transport.valueOf(lead.group(3).toUpperCase(Locale.ROOT));
                    int port = Integer.parseInt(lead.group(4));
                    int podPort = Integer.parseInt(lead.group(7));
                    ports.computeIfAbsent(pod, _ -> new ArrayList<>())
                            .add(
                                    lead.group(2) == null
                                            ? HostPort.everywhere(transport, pod.family(), port, podPort)
                                            : new HostPort(transport, Cidr.parse(lead.group(2)), port, podPort));
                });
        return ports;
    }

    /** The same text for the same ports, in whatever order they come. */
    public static NftTable of(Collection<Published> pods) {
        StringBuilder text = new StringBuilder("table " + NAME + " {\n\tchain published {\n");
        List<Published> ordered = pods.stream()
                .sorted(Comparator.comparing(p -> p.key().toString()))
                .toList();
        leads(ordered, false, text);
        leads(ordered, true, text);
        text.append("""
                	}

                	chain in {
                		type nat hook prerouting priority dstnat; policy accept;
                		fib daddr type local jump published
                	}

                	chain out {
                		type nat hook output priority -100; policy accept;
                		ip6 daddr ::1 return
                		fib daddr type local jump published
                	}

                	chain back {
                		type nat hook postrouting priority srcnat; policy accept;
                		ip saddr 127.0.0.0/8 oifname "cali*" masquerade
                """);
        ordered.forEach(pod -> turned(pod, text));
        return new NftTable(NAME, text.append("""
                	}

                	chain guard {
                		type filter hook prerouting priority raw; policy accept;
                		iifname "cali*" ip daddr 127.0.0.0/8 drop
                		iifname "cali*" ip saddr 127.0.0.0/8 drop
                	}
                }
                """).toString());
    }

    private static void leads(List<Published> pods, boolean everywhere, StringBuilder text) {
        for (Published pod : pods) {
            for (HostPort port : pod.ports()) {
                pod.address(port.family())
                        .filter(_ -> port.isEverywhere() == everywhere)
                        .ifPresent(ip -> lead(port, ip, text));
            }
        }
    }

    private static void lead(HostPort port, Ip pod, StringBuilder text) {
        boolean four = port.family() == Family.IPV4;
        text.append("\t\t");
        if (port.isEverywhere()) {
            text.append(four ? "meta nfproto ipv4" : "meta nfproto ipv6");
        } else {
            text.append(four ? "ip daddr " : "ip6 daddr ").append(port.at().network());
        }
        text.append(' ')
                .append(port.transport().word())
                .append(" dport ")
                .append(port.port())
                .append(four ? " dnat ip to " + pod : " dnat ip6 to [" + pod + "]")
                .append(':')
                .append(port.podPort())
                .append('\n');
    }

    /** A pod that calls itself by the node would get its own packet back as from itself, which no stack takes. */
    private static void turned(Published pod, StringBuilder text) {
        for (Ip ip : pod.addresses()) {
            String field = ip.family() == Family.IPV4 ? "ip" : "ip6";
            if (pod.ports().stream().anyMatch(port -> port.family() == ip.family())) {
                text.append("\t\t%1$s saddr %2$s %1$s daddr %2$s masquerade\n".formatted(field, ip));
            }
        }
    }
}
