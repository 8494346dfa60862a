package io.terway.node.datapath;

import io.terway.net.Ip;
import io.terway.net.Mac;

/** A permanent neighbour of ours. */
public record NeighbourEntry(String link, Ip ip, Mac mac) {

    @Override
    public String toString() {
        return ip + " at " + mac + " dev " + link;
    }
}
