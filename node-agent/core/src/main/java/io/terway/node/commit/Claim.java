package io.terway.node.commit;

import io.terway.net.Family;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.PodLife;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A sandbox that wants addresses.
 *
 * @param netns path of its network namespace
 * @param families one address of each
 */
public record Claim(SandboxKey key, PodLife pod, Path netns, List<Family> families) {

    public Claim {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(netns, "netns");
        families = List.copyOf(families);
        if (families.isEmpty() || families.stream().distinct().count() != families.size()) {
            throw new IllegalArgumentException(key + " needs each family once, asks for " + families);
        }
    }
}
