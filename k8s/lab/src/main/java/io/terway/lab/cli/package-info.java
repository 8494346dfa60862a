/** The commands of the lab: they ask the supervisor, or enter its namespaces. */
package io.terway.lab.cli;
