/** The cluster in one thread: real cores, simulated disks, network, cloud and time. */
package io.terway.sim;
