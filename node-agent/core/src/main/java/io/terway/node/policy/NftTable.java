package io.terway.node.policy;

import java.util.Map;

/** Our table: wanted, or as the kernel has it. Sets and chains by name. */
public record NftTable(Map<String, NftSet> sets, Map<String, NftChain> chains) {

    /** Name and family of the table; nothing else of ours is in nftables. */
    public static final String NAME = "inet terway";

    /** There is no table. */
    public static final NftTable ABSENT = new NftTable(Map.of(), Map.of());

    public NftTable {
        sets = Map.copyOf(sets);
        chains = Map.copyOf(chains);
    }

    public boolean isAbsent() {
        return sets.isEmpty() && chains.isEmpty();
    }
}
