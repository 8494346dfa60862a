/** What terway-cli asks the agent. */
package io.terway.agent.show;
