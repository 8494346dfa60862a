/** Packets of pods, between them or by an ENI, that skip the host's stack once they need no more judging. */
package io.terway.agent.accel;
