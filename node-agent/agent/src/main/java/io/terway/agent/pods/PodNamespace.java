package io.terway.agent.pods;

import io.terway.net.Ip;
import java.nio.file.Path;
import java.util.Set;

/**
 * The namespace of a pod that has the VPC's own link. A process there with NET_ADMIN makes the kernel tell what never was,
 * so what is told there counts only as far as it is about the pod's own addresses.
 */
public record PodNamespace(Path netns, Set<Ip> own) {
    public PodNamespace {
        own = Set.copyOf(own);
    }
}
