package io.terway.node.datapath;

import java.util.List;

/**
 * What a pod needs.
 *
 * @param wires how its links are made, in this order
 * @param state what is there then
 */
public record Wiring(List<Wire> wires, DatapathState state) {

    public Wiring {
        wires = List.copyOf(wires);
    }

    /** The pod's link to the VPC. */
    public LinkEntry podLink() {
        return state.pod().links().getFirst();
    }
}
