package io.terway.lab.fabric;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All ports of the router and the gateway addresses it answers for: as wanted, or as found in the kernel.
 *
 * @param strays links that look like ports and are not, left by a crash in the middle of making one
 */
public record RouterView(SortedMap<EniId, Port> ports, SortedSet<Ip> gateways, SortedSet<String> strays) {

    public RouterView {
        ports = Collections.unmodifiableSortedMap(new TreeMap<>(ports));
        gateways = Collections.unmodifiableSortedSet(new TreeSet<>(gateways));
        strays = Collections.unmodifiableSortedSet(new TreeSet<>(strays));
    }

    public static RouterView empty() {
        return new RouterView(new TreeMap<>(), new TreeSet<>(), new TreeSet<>());
    }
}
