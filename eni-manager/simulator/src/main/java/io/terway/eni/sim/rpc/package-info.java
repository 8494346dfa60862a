/**
 * The RPC protocol of the cloud: parameters, signature version 1, tokens that make calls idempotent, call quotas, paging
 * and the two answer formats. Pure; facts, section 1.
 */
package io.terway.eni.sim.rpc;
