/** The flow log: accepted connections of this node's pods, for those who want it. */
package io.terway.agent.flow;
