package io.terway.node.datapath;

import io.terway.net.Family;
import io.terway.net.Ip;

/**
 * The node's own way out: its default route, made by the operating system.
 *
 * @param gateway null when the default route has none
 */
public record NodeUplink(Family family, String link, Ip gateway) {}
