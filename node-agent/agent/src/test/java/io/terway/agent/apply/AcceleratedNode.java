package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.terway.agent.accel.Acceleration;
import io.terway.agent.accel.Allowed;
import io.terway.agent.accel.Allowed.Candidate;
import io.terway.agent.accel.Allowed.Exit;
import io.terway.linux.netns.Lab;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A node with two pods, whose connections may skip its stack; a counter of nftables tells what that still forwards. */
public final class AcceleratedNode implements AutoCloseable {

    /** The node's own blocks in VPC mode. */
    static final List<Cidr> POD_CIDRS = List.of(Cidr.parse("192.168.7.0/24"), Cidr.parse("fd00:192:168:7::/64"));

    private static final int PATIENCE_MILLIS = 20_000;

    /** How the pods are connected. */
    enum Mode {
        SHARED_ENI,
        /** The first pod by a member's tag; the VPC then speaks with that only. */
        TRUNK_TAG,
        VPC_ROUTE
    }

    final OneNode node = new OneNode();
    final Map<Ip, Binding> holders = new ConcurrentHashMap<>();
    final Map<Ip, Exit> exits = new ConcurrentHashMap<>();
    volatile Optional<String> obstacle = Optional.empty();
    DatapathApplier applier;
    private Acceleration acceleration;
    private PodAttachment a;
    private PodAttachment b;

    private AcceleratedNode() {}

    /** Pods that share an ENI. Aborts the test where the kernel cannot. */
    public static AcceleratedNode open() {
        return open(Mode.SHARED_ENI);
    }

    static AcceleratedNode open(Mode mode) {
        AcceleratedNode opened = new AcceleratedNode();
        try {
            opened.start(mode);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void start(Mode mode) {
        applier = DatapathApplier.open(node.host);
        assertInstanceOf(EniResult.Ready.class, applier.ensureEni(OneNode.ENI));
        if (mode == Mode.VPC_ROUTE) {
            node.plugPrimary();
            POD_CIDRS.forEach(node::routeToNode);
            assertInstanceOf(
                    NodeResult.Ready.class,
                    applier.ensureNode(new NodeNetwork(List.of(Family.values()), POD_CIDRS, List.of(), false)));
        }
        a = plumbed("a", 11, mode);
        b = plumbed("b", 12, mode == Mode.TRUNK_TAG ? Mode.SHARED_ENI : mode);
        // The first rule has the kernel track connections.
        nft(
                "table inet judge { chain forward { type filter hook forward priority 0; ct state invalid accept; counter; }; }");
        acceleration = Acceleration.start(
                node.host,
                new Allowed(
                        () -> obstacle,
                        ip -> Optional.ofNullable(holders.get(ip)).map(b -> candidate(ip, b)),
                        () -> List.of(Map.copyOf(holders), Map.copyOf(exits))));
        await("not started", () -> !acceleration.status().contains("starting"));
        assumeTrue(!acceleration.status().contains("this kernel"), () -> "kernel: " + acceleration.status());
    }

    private Candidate candidate(Ip ip, Binding binding) {
        String link = LinkNames.hostLink(binding.pod().ref(), binding.key().ifName());
        return new Candidate(binding.key(), link, Optional.ofNullable(exits.get(ip)));
    }

    private PodAttachment plumbed(String name, int n, Mode mode) {
        PodAttachment plain = node.pod(name, n);
        PodAttachment pod = switch (mode) {
            case SHARED_ENI -> plain;
            case TRUNK_TAG -> OneNode.connected(plain, TaggedVpc.MEMBER_OF_TRUNK, Reach.NOTHING);
            case VPC_ROUTE ->
                OneNode.connected(
                        plain,
                        new Connection.VpcRoute(POD_CIDRS),
                        POD_CIDRS.stream().map(c -> c.network().plus(n)).toList());
        };
        if (mode == Mode.TRUNK_TAG) {
            TaggedVpc.requireBpf();
            TaggedVpc.speakTaggedOnly(node, pod);
        }
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        Exit exit = switch (mode) {
            case SHARED_ENI -> new Exit(OneNode.ENI.mac(), 0);
            case TRUNK_TAG -> new Exit(OneNode.ENI.mac(), TaggedVpc.VLAN);
            case VPC_ROUTE -> new Exit(OneNode.PRIMARY_MAC, 0);
        };
        Binding binding = new Binding(
                pod.key(),
                new PodLife(pod.pod(), "uid-" + name),
                pod.netns(),
                pod.addresses().stream()
                        .map(ip -> new HeldAddress(ip, new EniId("eni-test")))
                        .toList(),
                false,
                new BootTime("boot", Duration.ofSeconds(1)),
                1);
        pod.addresses().forEach(ip -> {
            holders.put(ip, binding);
            exits.put(ip, exit);
        });
        return pod;
    }

    Acceleration acceleration() {
        return acceleration;
    }

    PodAttachment a() {
        return a;
    }

    PodAttachment b() {
        return b;
    }

    public Path host() {
        return node.host;
    }

    /** The namespace of the first pod. */
    public Path from() {
        return a.netns();
    }

    /** The namespace of the second pod. */
    public Path to() {
        return b.netns();
    }

    /** An address of the first pod. */
    public Ip fromAddress(Family family) {
        return of(a, family);
    }

    /** An address of the second pod. */
    public Ip toAddress(Family family) {
        return of(b, family);
    }

    static Ip of(PodAttachment pod, Family family) {
        return pod.addresses().stream()
                .filter(ip -> ip.family() == family)
                .findFirst()
                .orElseThrow();
    }

    /** The sandbox of the second pod. */
    public Binding toBinding() {
        return holders.get(b.addresses().getFirst());
    }

    /** A connection between the pods. */
    public Echo between(Family family) {
        return Echo.direct(from(), to(), toAddress(family));
    }

    void nft(String commands) {
        assertEquals("", Lab.output(node.host, "nft", commands));
    }

    /** Packets that went through the host's forwarding. */
    public long forwarded() {
        String chain = Lab.output(node.host, "nft", "list", "chain", "inet", "judge", "forward");
        return Long.parseLong(chain.replaceAll("(?s).*counter packets (\\d+) .*", "$1"));
    }

    /** Until so many connections skip the stack. */
    public void awaitShortcuts(int count) {
        try {
            await(count + " shortcuts", () -> acceleration.size() == count);
        } catch (AssertionError e) {
            String tracked = Lab.output(node.host, "conntrack", "-L");
            throw new AssertionError(acceleration.size() + " shortcuts, not " + count + ", with " + tracked, e);
        }
    }

    /** Waits for a condition, long: the machine may be busy. */
    static void await(String what, BooleanSupplier condition) {
        for (int waited = 0; waited < PATIENCE_MILLIS && !condition.getAsBoolean(); waited += 10) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    /** Most of these rounds pass the stack by. */
    public void assertSkips(Echo echo) throws Exception {
        int rounds = 400;
        long before = forwarded();
        echo.rounds(rounds);
        long seen = forwarded() - before;
        assertTrue(seen < rounds / 4, "the stack forwarded " + seen + " packets of " + rounds + " rounds");
    }

    /** Every packet takes the stack. */
    void assertForwarded(Echo echo) throws Exception {
        int rounds = 100;
        echo.rounds(5);
        long before = forwarded();
        echo.rounds(rounds);
        assertTrue(forwarded() - before >= 2 * rounds, "packets skipped the stack");
    }

    @Override
    public void close() {
        if (acceleration != null) {
            acceleration.close();
        }
        if (applier != null) {
            applier.close();
        }
        node.close();
    }
}
