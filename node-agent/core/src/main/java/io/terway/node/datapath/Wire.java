package io.terway.node.datapath;

import io.terway.net.Mac;

/** How a wanted link of a pod comes into the world. */
public sealed interface Wire {

    /** The pod's end of it. */
    LinkEntry pod();

    /** A veth pair. */
    record Veth(LinkEntry host, LinkEntry pod) implements Wire {}

    /**
     * A link of the host's moves into the pod.
     *
     * @param hostLink its name there
     */
    record Moved(String hostLink, LinkEntry pod) implements Wire {}

    /** A sub-interface of a link of the host's. */
    record Child(String parent, Slice slice, LinkEntry pod) implements Wire {}

    /** Which part of the parent's traffic is a child's. */
    sealed interface Slice {

        /** The frames with a tag. */
        record Vlan(int id) implements Slice {}

        /** The packets to its addresses; it shares the parent's MAC. */
        record Ipvlan() implements Slice {}
    }

    /** True when a link found under the wanted name is the wanted one: nobody else gives a link this MAC. */
    default boolean isOurs(Mac found) {
        return found.equals(pod().mac());
    }
}
