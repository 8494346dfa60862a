package io.terway.node.http;

import java.util.BitSet;
import java.util.List;

/**
 * One rule of a chain, as far as it decides where a new TCP connection goes.
 *
 * @param ports conditions on the destination's port; all must hold
 * @param never true when no TCP connection matches
 * @param exact false when it asks for more than ports, so that those may match or not
 */
record ChainRule(List<PortCondition> ports, boolean never, boolean exact, Turn turn) {

    /** What becomes of what matches. */
    sealed interface Turn {

        /** The next rule. */
        record Next() implements Turn {}

        /** Back to the chain it came from. */
        record Back() implements Turn {}

        /** Past the rest of the hook's chain. */
        record Past() implements Turn {}

        /** Through that chain, and on. */
        record Through(String chain) implements Turn {}

        /** To that chain, and from there back. */
        record To(String chain) implements Turn {}

        /** Through any chain of the table: a map says which. */
        record ThroughAny() implements Turn {}

        /** To another end than was asked for, in the pod itself. */
        record Away() implements Turn {}
    }

    /**
     * Ports of these spans, or all others.
     *
     * @param spans first and last, one after the other
     */
    record PortCondition(boolean others, List<Integer> spans) {

        void keep(BitSet ports) {
            BitSet named = new BitSet();
            for (int i = 0; i < spans.size(); i += 2) {
                named.set(spans.get(i), spans.get(i + 1) + 1);
            }
            if (others) {
                ports.andNot(named);
            } else {
                ports.and(named);
            }
        }
    }

    /** Those of {@code ports} that may match. */
    BitSet of(BitSet ports) {
        BitSet matching = never ? new BitSet() : (BitSet) ports.clone();
        this.ports.forEach(condition -> condition.keep(matching));
        return matching;
    }

    /** What looking at it costs. */
    int cost() {
        return 1
                + ports.stream().mapToInt(condition -> condition.spans().size()).sum();
    }
}
