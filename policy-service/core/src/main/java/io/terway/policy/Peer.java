package io.terway.policy;

import io.terway.net.Cidr;
import java.util.List;
import java.util.Optional;

/** The other side of a rule. */
public sealed interface Peer {

    /**
     * Pods by label. Pods of the host's network are never meant.
     *
     * @param namespaces which namespaces; empty: the policy's own
     * @param pods which pods in them
     */
    record Pods(Optional<Selector> namespaces, Selector pods) implements Peer {}

    /**
     * Addresses, also those of pods.
     *
     * @param cidr the block
     * @param except holes in this block only; each a strict subset
     */
    record Block(Cidr cidr, List<Cidr> except) implements Peer {
        public Block {
            except = List.copyOf(except);
            for (Cidr hole : except) {
                if (!cidr.contains(hole) || hole.prefixLength() == cidr.prefixLength()) {
                    throw new IllegalArgumentException("ipBlock except " + hole + " is not a strict subset of " + cidr);
                }
            }
        }
    }
}
