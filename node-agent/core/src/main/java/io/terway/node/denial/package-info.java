/** Denied connections, gathered so that a flood of packets becomes a few lines. Pure. */
package io.terway.node.denial;
