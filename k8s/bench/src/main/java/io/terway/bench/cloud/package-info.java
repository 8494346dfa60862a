/** The simulated cloud under the load of a large account. */
package io.terway.bench.cloud;
