/** ipam-service's core by itself: one loop on one thread, with a cloud that answers at once. */
package io.terway.bench.ipam;
