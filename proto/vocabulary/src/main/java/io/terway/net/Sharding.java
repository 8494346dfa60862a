package io.terway.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which shard of ipam-service serves a node, as agents and shards both read it from {@code terway.shards}: zones with the
 * shards that serve them, {@code cn-hangzhou-h=0;cn-hangzhou-i=1,2;*=0}. The nodes of a zone with several are divided by a
 * hash of their names; {@code *} stands for the zones not named. Empty: one shard serves all.
 */
public record Sharding(Map<String, List<Integer>> byZone) {

    /** Shards at most: each has its Lease, its standby and its watches. */
    public static final int MOST = 64;

    /** One shard for all nodes. */
    public static final Sharding NONE = new Sharding(Map.of("*", List.of(0)));

    private static final String OTHERS = "*";

    public Sharding {
        Map<String, List<Integer>> copy = new TreeMap<>();
        SortedSet<Integer> all = new TreeSet<>();
        byZone.forEach((zone, shards) -> {
            copy.put(zone, List.copyOf(shards));
            all.addAll(shards);
        });
        if (!copy.containsKey(OTHERS) || copy.values().stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException(
                    "shards are " + copy + "; each zone needs one, and so do the others: *=0");
        }
        if (all.first() != 0 || all.last() != all.size() - 1 || all.size() > MOST) {
            throw new IllegalArgumentException(
                    "shards are " + all + "; they must be 0, 1, 2, ... without gaps, at most " + MOST + " of them");
        }
        byZone = copy;
    }

    /** Reads what is written as above. */
    public static Sharding parse(String text) {
        if (text.isBlank()) {
            return NONE;
        }
        Map<String, List<Integer>> zones = new TreeMap<>();
        for (String entry : text.split(";")) {
            String[] parts = entry.strip().split("=", -1);
            if (parts.length != 2
                    || parts[0].isBlank()
                    || !parts[1].matches("\\s*[0-9]{1,3}(\\s*,\\s*[0-9]{1,3})*\\s*")) {
                throw new IllegalArgumentException("'" + entry + "' in '" + text
                        + "' must be ZONE=SHARD or ZONE=SHARD,SHARD; an example: a=0;b=1,2;*=0");
            }
            List<Integer> shards = new ArrayList<>();
            for (String shard : parts[1].strip().split("\\s*,\\s*")) {
                shards.add(Integer.parseInt(shard));
            }
            if (zones.put(parts[0].strip(), shards) != null) {
                throw new IllegalArgumentException("zone " + parts[0].strip() + " is named twice in '" + text + "'");
            }
        }
        return new Sharding(zones);
    }

    /** How many there are. */
    public int count() {
        return byZone.values().stream()
                        .flatMap(List::stream)
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(0)
                + 1;
    }

    /** The shard that serves this node, or whatever else of this zone goes by a name. */
    public int of(ZoneId zone, String name) {
        List<Integer> shards = of(zone);
        // Names that differ in the last digits only spread all the same.
        int hash = name.hashCode() * 0x9e3779b1;
        return shards.get(Math.floorMod(hash ^ hash >>> 16, shards.size()));
    }

    /** The shards of a zone. */
    public List<Integer> of(ZoneId zone) {
        return byZone.getOrDefault(zone.value(), byZone.get(OTHERS));
    }

    /** The Lease by which this shard's leader is found. */
    public String lease(int shard) {
        return count() == 1 ? "terway-ipam" : "terway-ipam-" + shard;
    }
}
