package io.terway.node.policy;

import java.util.HashMap;
import java.util.List;
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

    /**
     * As it is, but for the rules, and for what packets taught it: what a stranger had in hand may say something else under
     * our comment.
     */
    public NftTable distrusted() {
        Map<String, NftChain> strange = new HashMap<>();
        chains.forEach((name, chain) ->
                strange.put(name, new NftChain(name, chain.hook(), List.of(NftRule.observed("distrusted")))));
        Map<String, NftSet> taught = new HashMap<>(sets);
        taught.replaceAll((name, set) -> set.learned()
                ? new NftSet(name, set.type(), false, false, true, Map.of("anything", NftSet.MEMBER))
                : set);
        return new NftTable(taught, strange);
    }
}
