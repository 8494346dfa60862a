package io.terway.eni.sim;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.vpc.RouteEntry;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.net.EniId;
import java.util.List;
import java.util.Set;

/**
 * Everything packets depend on, at one moment.
 *
 * @param revision grows with each change
 * @param enis every ENI that exists
 * @param touched the ENIs that changed or went since the last view; at first all
 */
public record VpcView(
        long revision,
        List<EniView> enis,
        Set<EniId> touched,
        List<Instance> instances,
        List<VSwitch> vSwitches,
        List<RouteEntry> routes,
        List<SecurityGroup> groups) {

    public VpcView {
        enis = List.copyOf(enis);
        touched = Set.copyOf(touched);
        instances = List.copyOf(instances);
        vSwitches = List.copyOf(vSwitches);
        routes = List.copyOf(routes);
        groups = List.copyOf(groups);
    }

    /** The cloud now. */
    public static VpcView of(Cloud cloud, Set<EniId> touched) {
        return new VpcView(
                cloud.changes().revision(),
                cloud.enis().all().stream()
                        .map(eni -> EniView.of(eni, cloud.network().vSwitch(eni.vSwitch())))
                        .toList(),
                touched,
                List.copyOf(cloud.instances().all()),
                List.copyOf(cloud.network().vSwitches()),
                List.copyOf(cloud.routes().all()),
                List.copyOf(cloud.groups().all()));
    }
}
