package io.terway.policy;

import io.terway.net.Cidr;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic on sets of CIDR blocks. */
public final class Blocks {

    private Blocks() {}

    /** {@code block} without {@code holes}, as disjoint sorted blocks. */
    public static List<Cidr> without(Cidr block, List<Cidr> holes) {
        List<Cidr> inside = holes.stream().filter(block::overlaps).toList();
        if (inside.isEmpty()) {
            return List.of(block);
        }
        if (inside.stream().anyMatch(hole -> hole.contains(block))) {
            return List.of();
        }
        int half = block.prefixLength() + 1;
        Cidr lower = Cidr.containing(block.network(), half);
        Cidr upper = Cidr.containing(block.last(), half);
        List<Cidr> out = new ArrayList<>(without(lower, inside));
        out.addAll(without(upper, inside));
        return out;
    }

    /** The same addresses without blocks that lie in others, sorted. */
    public static List<Cidr> union(List<Cidr> blocks) {
        List<Cidr> out = new ArrayList<>();
        for (Cidr block : blocks.stream().sorted().toList()) {
            // Sorted by network, then by length: a container comes before what it contains.
            if (out.isEmpty() || !out.getLast().contains(block)) {
                out.add(block);
            }
        }
        return out;
    }
}
