/**
 * What the node's kernel should hold for its pods and ENIs, and the pure plan that gets it there: desired state and
 * observed state in, {@link io.terway.node.datapath.DatapathOp}s out. Planning on the result of a plan yields nothing.
 */
package io.terway.node.datapath;
