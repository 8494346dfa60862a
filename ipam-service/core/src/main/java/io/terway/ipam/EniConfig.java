package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The eni-config ConfigMap, read and checked. Made by {@link EniConfigReader}; {@link #DEFAULTS} is the guide's table.
 *
 * @param vSwitches pod vSwitches by zone; a zone without an entry uses the vSwitch of the node's primary ENI
 * @param vSwitchOrder how candidates of a zone are ordered
 * @param groups security groups of new ENIs; empty: the primary ENI's
 * @param tags of new ENIs, beside our own
 * @param resourceGroup of new ENIs; empty: the account's default
 * @param pool pool targets
 * @param reservePercent share of a vSwitch kept from warm-up
 * @param warmUpInterval time between looks at a pool that nothing else wakes
 * @param predict pods seen before their ADD, and recent churn, raise the pool
 * @param statefulKinds kinds beside StatefulSet whose pods come back under their names, and so may keep an address
 */
public record EniConfig(
        Mode mode,
        VirtualType virtualType,
        Stack stack,
        Map<ZoneId, List<VSwitchId>> vSwitches,
        VSwitchOrder vSwitchOrder,
        List<SecurityGroupId> groups,
        Map<String, String> tags,
        String resourceGroup,
        PoolTargets pool,
        int reservePercent,
        Duration warmUpInterval,
        boolean predict,
        EniUse eniUse,
        PodCidrs podCidrs,
        DatapathConfig datapath,
        Duration coolDown,
        boolean localAllocation,
        Set<String> statefulKinds) {

    /** The guide's defaults, lines 1331-1341, and design section 6 where the guide has none. */
    public static final EniConfig DEFAULTS = new EniConfig(
            Mode.ENIIP,
            VirtualType.IPVLAN,
            Stack.IPV4,
            Map.of(),
            VSwitchOrder.ORDERED,
            List.of(),
            Map.of(),
            "",
            new PoolTargets(10, 25, true, 10, Duration.ofSeconds(300), 0, true),
            0,
            Duration.ofSeconds(60),
            true,
            EniUse.DEFAULTS,
            PodCidrs.NONE,
            DatapathConfig.DEFAULTS,
            Duration.ofSeconds(30),
            false,
            Set.of());

    public EniConfig {
        Map<ZoneId, List<VSwitchId>> copy = new HashMap<>();
        vSwitches.forEach((zone, ids) -> copy.put(zone, List.copyOf(ids)));
        vSwitches = Map.copyOf(copy);
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
        statefulKinds = Set.copyOf(statefulKinds);
    }

    /** Where a pod's address comes from. */
    public enum Mode {
        ENIIP("ENIIP", Attachment.SHARED),
        ENI("ENI", Attachment.EXCLUSIVE),
        TRUNK("Trunk", Attachment.TRUNK_MEMBER),
        VPC("VPC", Attachment.ROUTED);

        private final String text;
        private final Attachment usual;

        Mode(String text, Attachment usual) {
            this.text = text;
            this.usual = usual;
        }

        /** How pods are connected that ask for nothing else; what the pool is made of. */
        public Attachment usual() {
            return usual;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** How an ENIIP pod is plumbed. */
    public enum VirtualType {
        VETH("Veth"),
        IPVLAN("IPVlan");

        private final String text;

        VirtualType(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** The families of a pod. */
    public enum Stack {
        IPV4("ipv4", EnumSet.of(Family.IPV4)),
        IPV6("ipv6", EnumSet.of(Family.IPV6)),
        DUAL("dual", EnumSet.of(Family.IPV4, Family.IPV6));

        private final String text;
        private final Set<Family> families;

        Stack(String text, Set<Family> families) {
            this.text = text;
            this.families = Collections.unmodifiableSet(families);
        }

        /** The family that pool sizes count: IPv6 only where there is nothing else. */
        public Family counted() {
            return this == IPV6 ? Family.IPV6 : Family.IPV4;
        }

        /** In the order of {@link Family}. */
        public Set<Family> families() {
            return families;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Order in which the vSwitches of a zone are tried. */
    public enum VSwitchOrder {
        /** As listed. */
        ORDERED,
        /** Rotated by node name, so that nodes spread. */
        RANDOM,
        /** Most free addresses first. */
        MOST
    }
}
