/** Ports of the node that lead to pods. */
package io.terway.node.hostport;
