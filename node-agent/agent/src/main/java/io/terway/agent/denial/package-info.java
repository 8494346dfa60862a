/** Who is told of denied connections, beside the metrics: people who watch, and the audit channel. */
package io.terway.agent.denial;
