package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniLabels;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;

/**
 * What a new ENI is to be.
 *
 * @param primary the wanted primary address: none (the cloud chooses) or one
 * @param v4 secondaries and /28 prefixes
 * @param v6 addresses and /80 prefixes
 */
public record EniSpec(
        EniKind kind,
        VSwitchId vSwitch,
        List<SecurityGroupId> groups,
        List<Ip> primary,
        AddressRequest v4,
        AddressRequest v6,
        EniLabels labels) {

    public EniSpec {
        groups = List.copyOf(groups);
        primary = List.copyOf(primary);
    }
}
