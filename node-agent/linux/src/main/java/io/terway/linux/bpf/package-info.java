/** bpf(2): maps, programs assembled by hand, and where they are attached. Knows nothing of pods. */
package io.terway.linux.bpf;
