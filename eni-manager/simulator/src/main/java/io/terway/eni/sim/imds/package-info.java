/** Instance metadata: what a machine can ask about itself (facts, section 1.6). Pure. */
package io.terway.eni.sim.imds;
