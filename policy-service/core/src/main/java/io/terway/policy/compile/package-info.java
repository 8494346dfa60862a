/**
 * The fast compiler. It holds the cluster, takes one change at a time and keeps, for each node that listens, what that
 * node has yet to be told. Work grows with what a change touches: pods with the same labels are one {@link
 * io.terway.policy.compile.Profile}, selectors are found by the labels they require, equal selectors share one {@link
 * io.terway.policy.compile.AddressSet}, equal rules one {@link io.terway.policy.compile.Program}.
 *
 * <p>Nothing here is thread-safe: one thread owns a {@link io.terway.policy.compile.PolicyCompiler} with all it holds.
 */
package io.terway.policy.compile;
