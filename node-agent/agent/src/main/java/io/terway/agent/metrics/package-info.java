/**
 * The guide's metrics, under exactly its names. The Prometheus registry in use keeps {@code _total} on gauges (a newer
 * client library strips it): the test of the running agent's scrape guards that.
 */
package io.terway.agent.metrics;
