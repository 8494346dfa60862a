package io.terway.lab.fabric.firewall;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * The part of the router's rules that security groups make. ENIs in the same groups share two chains.
 *
 * @param sets addresses of groups, by set name; names ending in 4 and 6 hold one family each
 * @param chains rules, by chain name
 * @param egress chain by link for what comes from its ENI
 * @param ingress chain by link for what goes to its ENI
 */
record FirewallView(
        SortedMap<String, SortedSet<String>> sets,
        SortedMap<String, List<String>> chains,
        SortedMap<String, String> egress,
        SortedMap<String, String> ingress) {

    FirewallView {
        sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
        chains = Collections.unmodifiableSortedMap(new TreeMap<>(chains));
        egress = Collections.unmodifiableSortedMap(new TreeMap<>(egress));
        ingress = Collections.unmodifiableSortedMap(new TreeMap<>(ingress));
    }

    static FirewallView empty() {
        return new FirewallView(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    }
}
