package io.terway.node.datapath;

import io.terway.net.Ip;
import io.terway.net.Mac;

/** Packets from this address leave the trunk's link with a tag and the member's MAC. */
public record TagEntry(String trunkLink, Ip from, int vlan, Mac mac) {

    @Override
    public String toString() {
        return "tag " + vlan + " of " + mac + " from " + from + " dev " + trunkLink;
    }
}
