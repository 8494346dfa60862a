package io.terway.node.commit;

import io.terway.net.Family;
import io.terway.net.SandboxKey;
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
 */
public record Claim(SandboxKey key, PodLife pod, Path netns, List<Family> families, BootTime asked) {

    public Claim {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(netns, "netns");
        Objects.requireNonNull(asked, "asked");
        families = List.copyOf(families);
        if (families.isEmpty() || families.stream().distinct().count() != families.size()) {
            throw new IllegalArgumentException(key + " needs each family once, asks for " + families);
        }
    }
}
