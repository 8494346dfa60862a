/**
 * The cloud as one stateful model: what exists, which operations it accepts and what time does to it. Pure: time comes in
 * as an argument and nothing here waits. Nothing here is thread-safe: one lock at the edge guards the whole {@link
 * io.terway.eni.sim.cloud.Cloud}.
 */
package io.terway.eni.sim.cloud;
