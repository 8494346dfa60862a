/**
 * What this node enforces, as data; the nftables table that enforces it, as text; and the difference between two such
 * tables. Pure.
 */
package io.terway.node.policy;
