/** The agent's configuration keys. An unknown key under {@code terway.} refuses to start. */
package io.terway.agent.config;
