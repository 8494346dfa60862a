/** The container runtime's part in a pod's life: its network namespace and the calls of the CNI plugins. */
package io.terway.lab.pod;
