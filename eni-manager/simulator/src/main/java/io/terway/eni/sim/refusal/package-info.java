/** What the cloud says no with: one code table and the exception that carries a code to the protocol edge. */
package io.terway.eni.sim.refusal;
