package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.vpc.RouteEntry;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import java.util.List;

/**
 * Everything a cloud is at one moment.
 *
 * @param issuedIds how many ids were made, so that a restarted twin makes others
 */
public record CloudSnapshot(
        String region,
        long seed,
        long issuedIds,
        List<Vpc> vpcs,
        List<VSwitch> vSwitches,
        List<SecurityGroup> groups,
        List<Instance> instances,
        List<Eni> enis,
        List<RouteEntry> routes) {

    public CloudSnapshot {
        vpcs = List.copyOf(vpcs);
        vSwitches = List.copyOf(vSwitches);
        groups = List.copyOf(groups);
        instances = List.copyOf(instances);
        enis = List.copyOf(enis);
        routes = List.copyOf(routes);
    }
}
