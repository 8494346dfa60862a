package io.terway.eni.operation;

import io.terway.eni.ComputeInstance;
import io.terway.eni.EniType;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import java.util.List;

/**
 * An instance with its limits and ENIs, as last seen.
 *
 * @param released the cloud no longer lists it, by two sightings
 */
public record InstanceView(
        ComputeInstance instance, InstanceLimits limits, List<NetworkInterface> enis, boolean released) {

    public InstanceView {
        enis = List.copyOf(enis);
    }

    /** The listing by our tag never shows the primary ENI: where it is known, all ENIs were listed. */
    boolean hasPrimary() {
        return enis.stream().anyMatch(eni -> eni.type() == EniType.PRIMARY);
    }
}
