/** The CNI socket: frames in, replies out, and the DELs that were parked while nobody listened. */
package io.terway.agent.socket;
