package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.List;

/** What was added to an ENI: single addresses, prefixes, or both. */
public record Added(List<Ip> addresses, List<Cidr> prefixes) {

    public static final Added NOTHING = new Added(List.of(), List.of());

    public Added {
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
    }

    public int size() {
        return addresses.size() + prefixes.size();
    }

    public Added and(Added other) {
        List<Ip> ips = new ArrayList<>(addresses);
        ips.addAll(other.addresses);
        List<Cidr> blocks = new ArrayList<>(prefixes);
        blocks.addAll(other.prefixes);
        return new Added(ips, blocks);
    }

    /** The units from index {@code from} to {@code to}, as far as there are any; addresses come before prefixes. */
    public Added slice(int from, int to) {
        int ips = addresses.size();
        return new Added(
                addresses.subList(Math.min(from, ips), Math.min(to, ips)),
                prefixes.subList(Math.clamp(from - ips, 0, prefixes.size()), Math.clamp(to - ips, 0, prefixes.size())));
    }
}
