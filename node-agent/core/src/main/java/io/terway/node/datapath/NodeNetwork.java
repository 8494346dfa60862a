package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.List;

/**
 * What is asked of the node as a whole, whatever pods it has.
 *
 * @param families that its pods have
 * @param podCidrs blocks that the VPC routes to this node
 * @param snatCidrs destinations for which pods' packets leave with the node's address
 * @param symmetric answers to what came in by the node's own link leave by it
 */
public record NodeNetwork(List<Family> families, List<Cidr> podCidrs, List<Cidr> snatCidrs, boolean symmetric) {

    public NodeNetwork {
        families = List.copyOf(families);
        podCidrs = List.copyOf(podCidrs);
        snatCidrs = List.copyOf(snatCidrs);
    }

    /** The same with answers that leave by the link their question came by. */
    public NodeNetwork symmetrical() {
        return symmetric ? this : new NodeNetwork(families, podCidrs, snatCidrs, true);
    }
}
