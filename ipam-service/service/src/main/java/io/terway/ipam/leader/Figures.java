package io.terway.ipam.leader;

import io.terway.ipam.Census;
import io.terway.ipam.IpamLoop;
import java.util.EnumMap;
import java.util.Map;

/** Counts of the loop, copied for other threads. */
public record Figures(
        int sessions, int waiting, int nodes, Map<Census.Kind, Integer> addresses, int fixed, int fixedBound) {

    public static final Figures NONE = new Figures(0, 0, 0, Map.of(), 0, 0);

    static Figures of(IpamLoop loop) {
        Map<Census.Kind, Integer> addresses = new EnumMap<>(Census.Kind.class);
        for (Census.Kind kind : Census.Kind.values()) {
            addresses.put(kind, loop.census().count(kind));
        }
        return new Figures(
                loop.sessions(),
                loop.waiting(),
                loop.nodeCount(),
                Map.copyOf(addresses),
                loop.fixedAddresses(),
                loop.fixedBound());
    }
}
