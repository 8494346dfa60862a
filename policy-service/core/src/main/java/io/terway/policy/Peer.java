package io.terway.policy;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;
import java.util.Optional;

/** The other side of a rule. A rule lists peers and means any of them; an empty list means nobody. */
public sealed interface Peer {

    /** Every address. */
    record Everybody() implements Peer {}

    /**
     * Pods by label. Pods of the host's network and finished pods are never meant.
     *
     * @param namespaces where to look
     * @param pods which pods there
     */
    record Pods(NamespaceMatch namespaces, Selector pods) implements Peer {}

    /**
     * Addresses, also those of pods and nodes.
     *
     * @param cidr the block
     * @param except holes in this block only; each a strict subset
     */
    record Block(Cidr cidr, List<Cidr> except) implements Peer {
        public Block {
            except = List.copyOf(except);
            for (Cidr hole : except) {
                if (!cidr.contains(hole) || hole.prefixLength() == cidr.prefixLength()) {
                    throw new IllegalArgumentException("except " + hole + " is not a strict subset of " + cidr);
                }
            }
        }

        /** True when the address is in the block and in none of its holes. */
        public boolean contains(Ip address) {
            return cidr.contains(address) && except.stream().noneMatch(hole -> hole.contains(address));
        }
    }

    /** Addresses of nodes by the node's labels. */
    record Nodes(Selector labels) implements Peer {}

    /** Addresses that are no pod's and no node's; of one family if one is named. */
    record World(Optional<Family> family) implements Peer {}
}
