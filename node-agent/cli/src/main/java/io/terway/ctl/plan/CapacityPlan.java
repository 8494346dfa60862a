package io.terway.ctl.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a planned cluster needs. Nodes are filled to {@link #FILL_PERCENT} percent and a vSwitch keeps
 * {@link #SPARE_PERCENT} percent above its pods, as the guide counts; limits are the cloud's own.
 *
 * @param podsPerNode what an instance can hold: the primary ENI is the node's
 * @param guidePodsPerNode by the guide's formula, which counts the primary ENI too
 * @param nodes for the pods of every day
 * @param peakNodes for those of the peak
 * @param addresses in pod vSwitches for the peak, spare included
 * @param usable addresses that the pod vSwitches have
 * @param guideNodes by the guide's formula
 * @param eniQuota for peakNodes, one fifth above
 * @param vSwitches in each zone, equal ones, for the pods: two, and more when two of the largest do not hold addresses
 * @param prefix of each of them
 */
record CapacityPlan(
        Template template,
        int podsPerNode,
        int guidePodsPerNode,
        int nodes,
        int guideNodes,
        int peakNodes,
        int addresses,
        int usable,
        long eniQuota,
        int vSwitches,
        int prefix) {

    static final int FILL_PERCENT = 80;
    static final int SPARE_PERCENT = 30;

    private static final int QUOTA_PERCENT = 120;
    private static final int VSWITCHES_PER_ZONE = 2;
    static final int SMALLEST_ADVISED = 20;

    static CapacityPlan of(Template template) {
        int perNode = (template.enis() - 1) * template.addressesPerEni();
        int guidePerNode = template.enis() * template.addressesPerEni();
        int guideNodes = nodes(template.targetPods(), guidePerNode);
        int peakNodes = nodes(template.peakPods(), perNode);
        int addresses = up((long) template.peakPods() * (100 + SPARE_PERCENT), 100);
        int inZone = up(addresses, template.zones());
        int vSwitches = Math.max(VSWITCHES_PER_ZONE, up(inZone, Template.VSwitch.usable(Template.VSwitch.LARGEST)));
        return new CapacityPlan(
                template,
                perNode,
                guidePerNode,
                nodes(template.targetPods(), perNode),
                guideNodes,
                peakNodes,
                addresses,
                template.podVSwitches().stream()
                        .mapToInt(Template.VSwitch::usable)
                        .sum(),
                quota(peakNodes, template),
                vSwitches,
                prefix(up(inZone, vSwitches)));
    }

    private static int nodes(int pods, int perNode) {
        return up(100L * pods, (long) perNode * FILL_PERCENT);
    }

    private static long quota(long nodes, Template template) {
        return Math.ceilDiv(nodes * template.enis() * QUOTA_PERCENT, 100L);
    }

    private static int up(long divided, long by) {
        return Math.toIntExact(Math.ceilDiv(divided, by));
    }

    private static int prefix(int addresses) {
        int prefix = SMALLEST_ADVISED;
        while (prefix > Template.VSwitch.LARGEST && Template.VSwitch.usable(prefix) < addresses) {
            prefix--;
        }
        return prefix;
    }

    /** What does not fit, the first to run out first. Empty: it fits. */
    List<String> shortages() {
        List<String> out = new ArrayList<>();
        if (usable < template.targetPods()) {
            out.add("pod vSwitches have " + usable + " addresses, fewer than " + template.targetPods()
                    + " pods: they run out first");
        } else if (usable < template.peakPods()) {
            out.add("pod vSwitches have " + usable + " addresses, fewer than the peak of " + template.peakPods()
                    + " pods");
        } else if (usable < addresses) {
            out.add("pod vSwitches have " + usable + " addresses: less than " + SPARE_PERCENT
                    + " % spare above the peak of " + template.peakPods() + " pods, which needs " + addresses);
        }
        out.addAll(ZoneShare.of(this).shortages(template.nodeVSwitches(), template.podVSwitches()));
        template.vpc()
                .ifPresent(vpc -> all().stream()
                        .filter(one -> !vpc.contains(one.cidr()))
                        .forEach(one -> out.add(one.cidr() + " is outside of the VPC " + vpc)));
        template.services()
                .ifPresent(services -> all().stream()
                        .filter(one -> one.cidr().overlaps(services))
                        .forEach(one -> out.add("the service network " + services + " overlaps " + one.cidr())));
        overlaps(out);
        return out;
    }

    private void overlaps(List<String> out) {
        List<Template.VSwitch> all = all();
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                if (all.get(i).cidr().overlaps(all.get(j).cidr())) {
                    out.add(all.get(i).cidr() + " and " + all.get(j).cidr()
                            + " overlap: nodes and pods, and zones, have vSwitches of their own");
                }
            }
        }
    }

    /** What fits and is not advised, or is counted otherwise in the template. */
    List<String> remarks() {
        List<String> out = new ArrayList<>();
        Map<String, Long> inZone = template.podVSwitches().stream()
                .collect(Collectors.groupingBy(Template.VSwitch::zone, TreeMap::new, Collectors.counting()));
        String alone = inZone.entrySet().stream()
                .filter(zone -> zone.getValue() < VSWITCHES_PER_ZONE)
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (!alone.isEmpty()) {
            out.add("a zone has two pod vSwitches, so that one can be full; one only: " + alone);
        }
        template.podVSwitches().stream()
                .filter(one -> one.cidr().prefixLength() > SMALLEST_ADVISED)
                .forEach(one ->
                        out.add("pod vSwitch " + one.cidr() + " is small; have /" + SMALLEST_ADVISED + " or larger"));
        String claimed = all().stream()
                .filter(one -> one.claimed().filter(own -> own != one.usable()).isPresent())
                .map(one -> one.cidr() + " " + one.usable() + " (not "
                        + one.claimed().orElseThrow() + ")")
                .collect(Collectors.joining(", "));
        if (!claimed.isEmpty()) {
            out.add("the cloud keeps the first address of a vSwitch and the last three: " + claimed);
        }
        ownFigures(out);
        return out;
    }

    /** Where the template's own calculations are too low. */
    private void ownFigures(List<String> out) {
        Template.Claimed own = template.claimed();
        own.podsPerNode()
                .filter(claimed -> claimed != podsPerNode)
                .ifPresent(claimed -> out.add("pods_per_node is " + claimed + "; " + template.instanceType() + " holds "
                        + podsPerNode + ", its primary ENI is the node's"));
        own.nodes()
                .filter(claimed -> claimed < nodes)
                .ifPresent(claimed -> out.add("required_nodes is " + claimed + "; " + nodes + " at " + FILL_PERCENT
                        + " % use (" + guideNodes + " by the guide's formula)"));
        own.eniQuota()
                .filter(claimed -> claimed < eniQuota)
                .ifPresent(claimed -> out.add("total_eni_quota is " + claimed + "; the peak needs " + eniQuota
                        + own.nodes()
                                .map(nodes -> ", " + nodes + " nodes alone " + quota(nodes, template))
                                .orElse("")));
    }

    private List<Template.VSwitch> all() {
        return Stream.concat(template.nodeVSwitches().stream(), template.podVSwitches().stream())
                .toList();
    }

    /** Pods in a year at the growth given. */
    int podsInAYear() {
        return up((long) template.targetPods() * (100 + template.growthPercent()), 100);
    }
}
