/** The agent's end of the conversation with ipam-service: session, allocations, reports. */
package io.terway.agent.ipam;
