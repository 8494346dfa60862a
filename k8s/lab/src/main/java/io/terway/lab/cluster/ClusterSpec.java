package io.terway.lab.cluster;

import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.ecs.TypeLimits;
import io.terway.lab.Refusal;
import io.terway.net.Family;
import io.terway.net.InstanceType;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a lab shall be.
 *
 * @param nodes number of nodes, alternating over the two zones, 1 to {@value #MAX_NODES}
 * @param virtualType what agents are asked for; where the kernel lacks it they give veth and post an event
 * @param eniConfig a file with the eni-config ConfigMap or its bare eni_conf JSON; empty = the lab's default
 * @param kubeconfig of an API server outside; empty = the embedded one
 * @param natives native binaries are started where they are built
 */
public record ClusterSpec(
        int nodes,
        Mode mode,
        Stack stack,
        VirtualType virtualType,
        InstanceType instanceType,
        Optional<Path> eniConfig,
        Optional<Path> kubeconfig,
        boolean natives) {

    /** A node costs about 150 MiB and 3 s of CPU to start. */
    public static final int MAX_NODES = 64;

    /** Network modes of the guide, chapter 2. */
    public enum Mode {
        ENIIP("ENIIP"),
        ENI("ENI"),
        TRUNK("Trunk"),
        VPC("VPC");

        private final String text;

        Mode(String text) {
            this.text = text;
        }

        /** As eni-config writes it. */
        public String text() {
            return text;
        }

        /** One with room for a handful of pods, where each takes an ENI. */
        InstanceType standardType() {
            return new InstanceType(
                    switch (this) {
                        case ENIIP, VPC -> "ecs.g7.xlarge";
                        case ENI, TRUNK -> "ecs.g7.4xlarge";
                    });
        }
    }

    /** Address families of pods. */
    public enum Stack {
        IPV4(Family.IPV4),
        IPV6(Family.IPV6),
        DUAL(Family.IPV4, Family.IPV6);

        private final List<Family> families;

        Stack(Family... families) {
            this.families = List.of(families);
        }

        public List<Family> families() {
            return families;
        }

        /** As eni-config writes it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How ENIIP pods are connected. */
    public enum VirtualType {
        VETH("Veth"),
        IPVLAN("IPVlan");

        private final String text;

        VirtualType(String text) {
            this.text = text;
        }

        /** As eni-config writes it. */
        public String text() {
            return text;
        }
    }

    public ClusterSpec {
        if (nodes < 1 || nodes > MAX_NODES) {
            throw new Refusal("--nodes " + nodes + " is not in 1.." + MAX_NODES, Refusal.USAGE);
        }
    }

    /** Two nodes, ENIIP with veth, IPv4. */
    public static ClusterSpec standard() {
        return new ClusterSpec(
                2,
                Mode.ENIIP,
                Stack.IPV4,
                VirtualType.VETH,
                Mode.ENIIP.standardType(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /**
     * Refuses what does not go together.
     *
     * @param root false where user namespaces stand in for root
     * @throws Refusal before anything is started
     */
    public void requireSupported(boolean root) {
        TypeLimits limits = InstanceTypes.documented().of(instanceType);
        if (mode == Mode.TRUNK && limits.members() == 0) {
            throw new Refusal("--mode Trunk needs an instance type with member ENIs; " + instanceType
                    + " has none, ecs.g7.4xlarge has 12");
        }
        if (mode == Mode.TRUNK && !root) {
            throw new Refusal("--mode Trunk needs root: the VPC's router tags frames by BPF programs, which this kernel"
                    + " takes from no user namespace");
        }
        if (stack != Stack.IPV4 && limits.ipv6PerEni() == 0) {
            throw new Refusal("--stack " + stack.text() + " needs an instance type with IPv6; " + instanceType
                    + " has none, ecs.g7.xlarge has 15 per ENI");
        }
    }
}
