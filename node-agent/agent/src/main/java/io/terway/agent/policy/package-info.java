/**
 * Enforces policy on this node: follows policy-service, keeps what it said on disk, and keeps the nftables table, and the
 * connections that are open already, in step with it.
 */
package io.terway.agent.policy;
