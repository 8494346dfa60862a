/** Packets between pods of one node that skip the host's stack once they need no more judging. */
package io.terway.agent.accel;
