/** Packets of pods: round trips, bulk and short connections, per mode, beside plain routing and ptp. */
package io.terway.bench.datapath;
