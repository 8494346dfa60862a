package io.terway.eni.sim;

import io.terway.eni.sim.cloud.AddressRequest;
import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.cloud.EniSpec;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniLabels;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.eni.sim.vpc.RouteTableId;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Builds a cloud from a scenario. */
public final class Founding {

    /** Replaced at once by the ENI that the cloud makes. */
    private static final EniId NOT_YET = new EniId("eni-none");

    private final Scenario scenario;
    private final Cloud cloud;
    private final Instant now;

    private Founding(Scenario scenario, Cloud cloud, Instant now) {
        this.scenario = scenario;
        this.cloud = cloud;
        this.now = now;
    }

    /**
     * The cloud of a scenario at {@code now}.
     *
     * @throws IllegalArgumentException naming what in the scenario does not fit together
     */
    public static Cloud found(
            Scenario scenario, long seed, InstanceTypes types, Latencies latencies, boolean dataPlane, Instant now) {
        Cloud cloud = new Cloud(scenario.region(), seed, 0, types, latencies, dataPlane);
        Founding founding = new Founding(scenario, cloud, now);
        founding.network();
        founding.groups();
        scenario.instances().forEach(founding::instance);
        return cloud;
    }

    private void network() {
        Scenario.VpcSpec vpc = scenario.vpc();
        RouteTableId table = new RouteTableId(vpc.id().value().replaceFirst("^vpc-", "vtb-"));
        cloud.addVpc(new Vpc(vpc.id(), vpc.name(), vpc.cidr(), vpc.ipv6Cidrs(), table));
        for (Scenario.VSwitchSpec v : scenario.vSwitches()) {
            cloud.addVSwitch(new VSwitch(v.id(), v.name(), vpc.id(), v.zone(), v.cidr(), v.ipv6Cidrs()));
        }
    }

    private void groups() {
        for (Scenario.GroupSpec spec : scenario.groups()) {
            boolean basic = spec.kind() == SecurityGroup.Kind.NORMAL;
            cloud.groups()
                    .put(new SecurityGroup(
                            spec.id(),
                            spec.name(),
                            "",
                            scenario.vpc().id(),
                            spec.kind(),
                            basic,
                            spec.allowAll() ? allowAll() : List.of(),
                            Map.of(),
                            now));
        }
    }

    private List<SecurityRule> allowAll() {
        List<SecurityRule> rules = new ArrayList<>();
        for (String block : List.of("0.0.0.0/0", "::/0")) {
            for (boolean ingress : List.of(true, false)) {
                SecurityRule.Peer peer = new SecurityRule.Peer.Block(Cidr.parse(block));
                String id = cloud.ids().next("sgr-bp1");
                rules.add(new SecurityRule(id, ingress, "all", -1, -1, peer, true, 1, "", now));
            }
        }
        return rules;
    }

    private void instance(Scenario.InstanceSpec spec) {
        try {
            VSwitch vSwitch = cloud.network().vSwitch(spec.vSwitch());
            Instance template = new Instance(
                    spec.id(),
                    spec.name(),
                    spec.type(),
                    vSwitch.zone(),
                    Instance.Status.RUNNING,
                    NOT_YET,
                    spec.role(),
                    false,
                    Map.of(),
                    now);
            EniSpec primary = new EniSpec(
                    EniKind.PRIMARY,
                    spec.vSwitch(),
                    List.of(spec.group()),
                    spec.address(),
                    AddressRequest.count(false, 0),
                    AddressRequest.count(true, vSwitch.ipv6Cidrs().size()),
                    EniLabels.none());
            cloud.addInstance(template, primary, now);
        } catch (Refusal e) {
            throw new IllegalArgumentException("instance " + spec.id() + ": " + e.getMessage(), e);
        }
    }
}
