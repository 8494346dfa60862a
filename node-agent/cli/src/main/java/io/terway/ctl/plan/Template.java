package io.terway.ctl.plan;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A planned cluster.
 *
 * @param zones number of availability zones; vSwitches name no more
 * @param peakPods at least targetPods
 * @param growthPercent expected growth of the pods in a year
 * @param enis of an instance, the primary one counted
 * @param addressesPerEni IPv4 addresses of an ENI, its primary one counted
 * @param claimed what the template itself calculated, to be compared
 */
record Template(
        String name,
        int zones,
        int targetPods,
        int peakPods,
        int growthPercent,
        String instanceType,
        int enis,
        int addressesPerEni,
        Optional<Cidr> vpc,
        List<VSwitch> nodeVSwitches,
        List<VSwitch> podVSwitches,
        Optional<Cidr> services,
        Claimed claimed) {

    static final int MOST_PODS = 10_000_000;

    Template {
        Objects.requireNonNull(name, "name");
        range("availability_zones", zones, 1, 100);
        range("target_pods", targetPods, 1, MOST_PODS);
        range("peak_pods", peakPods, targetPods, MOST_PODS);
        range("growth_rate_yearly", growthPercent, 0, 10_000);
        range("eni_per_node", enis, 2, 1_000);
        range("ips_per_eni", addressesPerEni, 1, 1_000);
        nodeVSwitches = List.copyOf(nodeVSwitches);
        podVSwitches = List.copyOf(podVSwitches);
        Set<String> named = zones(nodeVSwitches, podVSwitches);
        if (named.size() > zones) {
            throw new IllegalArgumentException("availability_zones is " + zones + " and the vSwitches name "
                    + named.size() + ": " + String.join(", ", named)
                    + "; correct the number, and name a zone alike in node_vswitches and pod_vswitches");
        }
    }

    /** The zones that vSwitches name. */
    static Set<String> zones(List<VSwitch> ofNodes, List<VSwitch> ofPods) {
        return Stream.of(ofNodes, ofPods)
                .flatMap(List::stream)
                .map(VSwitch::zone)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * One vSwitch.
     *
     * @param claimed addresses as the template says; empty: it does not
     */
    record VSwitch(String zone, Cidr cidr, Optional<Integer> claimed) {

        /** What the cloud allows: /16 to /29. */
        static final int LARGEST = 16;

        static final int SMALLEST = 29;

        /** The first address and the last three are the cloud's. */
        private static final int KEPT = 4;

        private static final int WIDTH = 32;

        VSwitch {
            if (cidr.family() != Family.IPV4 || cidr.prefixLength() < LARGEST || cidr.prefixLength() > SMALLEST) {
                throw new IllegalArgumentException(
                        cidr
                                + " is no IPv4 block of a vSwitch: its prefix must be /16 to /29; divide a larger block into several");
            }
        }

        int usable() {
            return usable(cidr.prefixLength());
        }

        static int usable(int prefixLength) {
            return (1 << (WIDTH - prefixLength)) - KEPT;
        }
    }

    /** Figures of the template's own, each empty when it has none. */
    record Claimed(Optional<Integer> podsPerNode, Optional<Integer> nodes, Optional<Integer> eniQuota) {}

    private static void range(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(field + " is " + value + "; it must be in " + least + ".." + most);
        }
    }
}
