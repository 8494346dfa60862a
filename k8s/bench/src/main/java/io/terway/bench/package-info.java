/** Measurements with the peers in the same run: {@code k8s/bench/bench NAME}. */
package io.terway.bench;
