/** Who leads, and the thread that steps the core while we do. */
package io.terway.ipam.leader;
