/**
 * How two of our processes find and trust each other: leadership by Lease, channels that follow the leader, mutual TLS.
 * Shared by the services and the agent, which otherwise meet only through the wire contracts.
 */
package io.terway.link;
