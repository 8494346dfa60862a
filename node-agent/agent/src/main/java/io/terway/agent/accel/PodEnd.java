package io.terway.agent.accel;

import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;

/**
 * Where a pod's packets meet the host.
 *
 * @param sandbox whose it is
 * @param ip of the pod
 * @param link index of the host's end
 * @param hostMac of the host's end
 * @param podMac of the pod's end
 */
record PodEnd(SandboxKey sandbox, Ip ip, int link, Mac hostMac, Mac podMac) {}
