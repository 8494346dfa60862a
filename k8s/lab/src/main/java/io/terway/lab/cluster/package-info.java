/** One running lab: its namespaces, processes, nodes and the control socket. */
package io.terway.lab.cluster;
