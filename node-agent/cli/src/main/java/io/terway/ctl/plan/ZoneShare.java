package io.terway.ctl.plan;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What each zone needs: nodes, and pods with them, are spread evenly, and a vSwitch of one zone is of no use to another.
 *
 * @param zones number of availability zones
 * @param nodes of one zone at the peak
 * @param pods of every day, of one zone
 * @param peakPods of one zone
 * @param addresses for peakPods, spare included
 */
record ZoneShare(int zones, int nodes, int pods, int peakPods, int addresses) {

    static ZoneShare of(CapacityPlan plan) {
        int zones = plan.template().zones();
        return new ZoneShare(
                zones,
                Math.ceilDiv(plan.peakNodes(), zones),
                Math.ceilDiv(plan.template().targetPods(), zones),
                Math.ceilDiv(plan.template().peakPods(), zones),
                Math.ceilDiv(plan.addresses(), zones));
    }

    /** What does not fit in its zone, zone by zone. */
    List<String> shortages(List<Template.VSwitch> ofNodes, List<Template.VSwitch> ofPods) {
        TreeSet<String> named = new TreeSet<>(Template.zones(ofNodes, ofPods));
        return Stream.concat(
                        named.stream()
                                .flatMap(zone -> Stream.concat(
                                        nodesShort(zone, usable(ofNodes, zone)).stream(),
                                        podsShort(zone, usable(ofPods, zone)).stream())),
                        unnamed(named).stream())
                .toList();
    }

    private static long usable(List<Template.VSwitch> vSwitches, String zone) {
        return vSwitches.stream()
                .filter(one -> one.zone().equals(zone))
                .mapToLong(Template.VSwitch::usable)
                .sum();
    }

    private Optional<String> nodesShort(String zone, long has) {
        return has >= nodes
                ? Optional.empty()
                : Optional.of("node vSwitches of " + zone + " have " + has + " addresses, fewer than its " + nodes
                        + " nodes at the peak: add " + blocks(nodes - has, Template.VSwitch.SMALLEST) + " there");
    }

    private Optional<String> podsShort(String zone, long has) {
        String need = has < pods
                ? "fewer than its " + pods + " pods"
                : has < peakPods
                        ? "fewer than its " + peakPods + " pods at the peak"
                        : "less than " + CapacityPlan.SPARE_PERCENT + " % spare above its " + peakPods
                                + " pods at the peak";
        return has >= addresses
                ? Optional.empty()
                : Optional.of("pod vSwitches of " + zone + " have " + has + " addresses, " + need + ": it needs "
                        + addresses + "; add " + blocks(addresses - has, CapacityPlan.SMALLEST_ADVISED) + " there");
    }

    /** Zones that are counted and have nothing. */
    private Optional<String> unnamed(TreeSet<String> named) {
        int missing = zones - named.size();
        return missing <= 0
                ? Optional.empty()
                : Optional.of("availability_zones is " + zones + " and vSwitches name "
                        + (named.isEmpty() ? "none" : "only " + String.join(", ", named)) + ": " + missing
                        + (missing == 1 ? " zone has" : " zones have") + " no vSwitch; add to node_vswitches "
                        + blocks(nodes, Template.VSwitch.SMALLEST) + " and to pod_vswitches "
                        + blocks(addresses, CapacityPlan.SMALLEST_ADVISED)
                        + (missing == 1 ? " for it" : " for each") + ", or correct availability_zones");
    }

    /** Of which size a vSwitch, or how many of the largest, have this many addresses. */
    private static String blocks(long addresses, int smallest) {
        long largest = Template.VSwitch.usable(Template.VSwitch.LARGEST);
        if (addresses > largest) {
            return Math.ceilDiv(addresses, largest) + " vSwitches of /" + Template.VSwitch.LARGEST;
        }
        int prefix = smallest;
        while (Template.VSwitch.usable(prefix) < addresses) {
            prefix--;
        }
        return "a vSwitch of /" + prefix + " or larger";
    }
}
