package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.policy.PolicyPod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads of a Pod what policy needs, so that the object itself need not be kept. */
final class PodReader {

    private PodReader() {}

    static PolicyPod read(Pod pod) {
        var meta = pod.getMetadata();
        var spec = pod.getSpec();
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        String node = spec == null ? null : spec.getNodeName();
        return new PolicyPod(
                new PodRef(meta.getNamespace(), meta.getName()),
                meta.getUid(),
                meta.getLabels() == null ? Map.of() : meta.getLabels(),
                node == null || node.isEmpty() ? Optional.empty() : Optional.of(new NodeName(node)),
                addresses(pod),
                spec != null && Boolean.TRUE.equals(spec.getHostNetwork()),
                "Succeeded".equals(phase) || "Failed".equals(phase),
                ports(pod));
    }

    private static List<Ip> addresses(Pod pod) {
        if (pod.getStatus() == null || pod.getStatus().getPodIPs() == null) {
            return List.of();
        }
        return pod.getStatus().getPodIPs().stream()
                .map(PodIP::getIp)
                .map(Ip::parse)
                .distinct()
                .toList();
    }

    private static List<PolicyPod.NamedPort> ports(Pod pod) {
        List<PolicyPod.NamedPort> out = new ArrayList<>();
        if (pod.getSpec() == null) {
            return out;
        }
        for (Container container : pod.getSpec().getContainers()) {
            for (ContainerPort port : container.getPorts() == null ? List.<ContainerPort>of() : container.getPorts()) {
                if (port.getName() != null && port.getContainerPort() != null) {
                    out.add(new PolicyPod.NamedPort(
                            port.getName(), PolicyReader.protocol(port.getProtocol()), port.getContainerPort()));
                }
            }
        }
        return out;
    }
}
