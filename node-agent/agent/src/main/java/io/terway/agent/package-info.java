/** The node agent: puts its parts together, in the order a crash-safe start needs. */
package io.terway.agent;
