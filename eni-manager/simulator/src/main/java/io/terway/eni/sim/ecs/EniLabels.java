package io.terway.eni.sim.ecs;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What people write on an ENI; nothing here moves a packet.
 *
 * @param queues number of queues asked for, 0 when never set
 */
public record EniLabels(
        String name,
        String description,
        Map<String, String> tags,
        String resourceGroup,
        boolean deleteOnRelease,
        int queues,
        String trafficMode) {

    public EniLabels {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        tags = java.util.Collections.unmodifiableMap(new TreeMap<>(tags));
        Objects.requireNonNull(resourceGroup, "resourceGroup");
        Objects.requireNonNull(trafficMode, "trafficMode");
    }

    /** No name, no tags; goes with its instance. */
    public static EniLabels none() {
        return new EniLabels("", "", Map.of(), "", true, 0, "Standard");
    }

    public EniLabels withTags(Map<String, String> newTags) {
        return new EniLabels(name, description, newTags, resourceGroup, deleteOnRelease, queues, trafficMode);
    }
}
