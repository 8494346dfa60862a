package io.terway.node.datapath;

import io.terway.net.Ip;

/** An address on a link. */
public record AddressEntry(String link, Ip ip, int prefixLength) {

    @Override
    public String toString() {
        return ip + "/" + prefixLength + " dev " + link;
    }
}
