/**
 * The cloud side, pure: ENI life cycle, failure classes, rate limits, retries, batching, vSwitch choice. No I/O, clock,
 * thread or randomness: callers pass time and random numbers in and carry commands out.
 */
package io.terway.eni;
