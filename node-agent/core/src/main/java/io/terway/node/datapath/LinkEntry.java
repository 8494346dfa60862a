package io.terway.node.datapath;

import io.terway.net.Mac;

/**
 * A link as wanted or found.
 *
 * @param mtu in bytes
 * @param alias whose it is, empty for none
 */
public record LinkEntry(String name, Mac mac, int mtu, boolean up, String alias) {}
