/** What every long-lived loop of the agent shares: it survives a failing turn, and does not repeat itself in the log. */
package io.terway.agent.loop;
