package io.terway.ipam;

import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An instance with its ENIs as eni-manager shows it.
 *
 * @param id the instance
 * @param type its type
 * @param zone its zone
 * @param released true when the cloud no longer has it
 * @param limits what its type allows
 * @param enis all of its ENIs, foreign ones too
 * @param primaryVSwitch used where the configuration names none for the zone
 * @param groups used where the configuration names none
 */
public record CloudInstance(
        InstanceId id,
        InstanceType type,
        ZoneId zone,
        boolean released,
        InstanceLimits limits,
        List<CloudEni> enis,
        Optional<VSwitchId> primaryVSwitch,
        List<SecurityGroupId> groups) {

    public CloudInstance {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(limits, "limits");
        enis = List.copyOf(enis);
        groups = List.copyOf(groups);
    }
}
