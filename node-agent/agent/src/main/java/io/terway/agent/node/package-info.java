/** The node around the agent: who it is, its ENIs' links, what is installed on it, what a crash left behind. */
package io.terway.agent.node;
