package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.net.InstanceType;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a lab shall be.
 *
 * @param nodes number of nodes, alternating over the two zones, 1 to {@value #MAX_NODES}
 * @param virtualType what was asked for; {@link #effectiveVirtualType()} says what the pods get
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
    }

    /** Address families of pods. */
    public enum Stack {
        IPV4,
        IPV6,
        DUAL;

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
                new InstanceType("ecs.g7.xlarge"),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /**
     * Refuses what the product cannot do yet, naming what works.
     *
     * @throws Refusal before anything is started
     */
    public void requireSupported() {
        if (mode != Mode.ENIIP) {
            throw new Refusal("--mode " + mode.text() + " is not supported yet; ENIIP is");
        }
        if (stack != Stack.IPV4) {
            throw new Refusal("--stack " + stack.text() + " is not supported yet; ipv4 is");
        }
    }
}
