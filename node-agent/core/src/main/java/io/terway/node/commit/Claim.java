package io.terway.node.commit;

import io.terway.net.Family;
import io.terway.net.SandboxKey;
import io.terway.node.hostport.HostPort;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.PodLife;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A sandbox that wants addresses.
 *
 * @param netns path of its network namespace
 * @param families one address of each
 * @param asked when the plugin of its ADD started: what came before is not about this life of the sandbox
 * @param hostPorts ports of the node that shall lead to it
 */
public record Claim(
        SandboxKey key, PodLife pod, Path netns, List<Family> families, BootTime asked, List<HostPort> hostPorts) {

    public Claim {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(netns, "netns");
        Objects.requireNonNull(asked, "asked");
        families = List.copyOf(families);
        hostPorts = List.copyOf(hostPorts);
        if (families.isEmpty() || families.stream().distinct().count() != families.size()) {
            throw new IllegalArgumentException(key + " needs each family once, asks for " + families);
        }
    }

    /** A sandbox that wants no port of the node. */
    public Claim(SandboxKey key, PodLife pod, Path netns, List<Family> families, BootTime asked) {
        this(key, pod, netns, families, asked, List.of());
    }
}
