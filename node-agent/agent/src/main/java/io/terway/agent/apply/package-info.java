/** Executes datapath plans in the kernel: netlink in the host's and the pods' network namespaces, sysctls, the reaper. */
package io.terway.agent.apply;
