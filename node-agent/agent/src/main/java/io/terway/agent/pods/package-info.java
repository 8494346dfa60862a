/** What the agent knows of its pods before their ADD: pushed by ipam-service, kept on disk; one GET for an unknown one. */
package io.terway.agent.pods;
