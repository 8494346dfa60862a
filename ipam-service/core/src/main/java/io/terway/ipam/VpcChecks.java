package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.NodeName;
import io.terway.net.VSwitchId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a configuration says that the VPC and the nodes, as they are, contradict. */
public final class VpcChecks {

    /** Contradictions that are named; of more their number is said. */
    static final int MOST_NAMED = 20;

    private final EniConfig config;
    private final List<VSwitchSupply> vpc;
    private final Map<NodeName, List<Cidr>> nodes;
    private final List<String> problems = new ArrayList<>();

    private VpcChecks(EniConfig config, List<VSwitchSupply> vpc, Map<NodeName, List<Cidr>> nodes) {
        this.config = config;
        this.vpc = vpc;
        this.nodes = nodes;
    }

    /**
     * One line for each contradiction: what, which value, what to do.
     *
     * @param vpc all vSwitches of the VPC
     * @param nodes the pod CIDRs of nodes, which count in VPC mode
     */
    public static List<String> problems(EniConfig config, List<VSwitchSupply> vpc, Map<NodeName, List<Cidr>> nodes) {
        return new VpcChecks(config, vpc, nodes).find();
    }

    private List<String> find() {
        vSwitches();
        config.datapath()
                .serviceCidrs()
                .forEach(service -> clearOfVSwitches(
                        "service_cidr " + service,
                        service,
                        "whose addresses pods cannot reach then; they must differ"));
        if (config.mode() == EniConfig.Mode.VPC) {
            podCidrs();
        }
        problems.sort(null);
        if (problems.size() <= MOST_NAMED) {
            return problems;
        }
        List<String> named = new ArrayList<>(problems.subList(0, MOST_NAMED));
        named.add("and " + (problems.size() - MOST_NAMED) + " more");
        return named;
    }

    private void vSwitches() {
        Map<VSwitchId, VSwitchSupply> known = new HashMap<>();
        vpc.forEach(vSwitch -> known.put(vSwitch.id(), vSwitch));
        boolean ipv6 = config.stack().families().contains(Family.IPV6);
        config.vSwitches()
                .forEach((zone, ids) -> ids.forEach(id -> {
                    String named = "vswitches." + zone + " names " + id;
                    VSwitchSupply vSwitch = known.get(id);
                    if (vSwitch == null) {
                        problems.add(named + ", which is not in the VPC; remove it");
                    } else if (!vSwitch.zone().equals(zone)) {
                        problems.add(named + ", which is in zone " + vSwitch.zone() + "; put it under that zone");
                    } else if (ipv6 && vSwitch.ipv6().isEmpty()) {
                        problems.add(named + ", which has no IPv6 block, but ip_stack is " + config.stack()
                                + "; switch IPv6 on for it, or remove it");
                    }
                }));
    }

    private void clearOfVSwitches(String what, Cidr cidr, String sequel) {
        for (VSwitchSupply vSwitch : vpc) {
            Stream.concat(Stream.of(vSwitch.cidr()), vSwitch.ipv6().stream())
                    .filter(cidr::overlaps)
                    .forEach(block ->
                            problems.add(what + " overlaps " + block + " of vSwitch " + vSwitch.id() + ", " + sequel));
        }
    }

    /** Of the cluster and of nodes: clear of Services, of the VPC's own blocks, and of each other. */
    private void podCidrs() {
        String noRoute = "so the VPC takes no route entry for it; choose another block";
        config.podCidrs().cluster().forEach(cidr -> clearOfVSwitches("pod_cidr " + cidr, cidr, noRoute));
        List<OfNode> all = new ArrayList<>();
        nodes.forEach((node, cidrs) -> cidrs.forEach(cidr -> all.add(new OfNode(node, cidr))));
        for (OfNode pods : all) {
            clearOfVSwitches(pods.toString(), pods.cidr, noRoute);
            config.datapath().serviceCidrs().stream()
                    .filter(pods.cidr::overlaps)
                    .forEach(
                            service -> problems.add(pods + " overlaps service_cidr " + service + "; they must differ"));
        }
        all.sort(Comparator.comparing((OfNode pods) -> pods.cidr.family())
                .thenComparing(pods -> pods.cidr.network())
                .thenComparing(pods -> pods.cidr.prefixLength())
                .thenComparing(pods -> pods.node));
        // Blocks either contain each other or are apart, so the widest one that began before is the one to look at.
        OfNode widest = null;
        for (OfNode pods : all) {
            if (widest != null && widest.cidr.overlaps(pods.cidr)) {
                problems.add(pods + " overlaps " + widest.cidr + " of node " + widest.node
                        + "; one of the two must get another");
            } else {
                widest = pods;
            }
        }
    }

    private record OfNode(NodeName node, Cidr cidr) {

        @Override
        public String toString() {
            return "pod CIDR " + cidr + " of node " + node;
        }
    }
}
