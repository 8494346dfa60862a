/** The agent as a process: how soon it serves, and what it takes of the node's memory. */
package io.terway.bench.agent;
