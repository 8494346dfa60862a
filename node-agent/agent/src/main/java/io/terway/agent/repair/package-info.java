/** Finds out at once when somebody takes away or changes what is ours in the kernel, and has it put back. */
package io.terway.agent.repair;
