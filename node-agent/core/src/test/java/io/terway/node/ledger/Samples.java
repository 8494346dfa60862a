package io.terway.node.ledger;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Ledger facts for tests. */
public final class Samples {

    public static final String BOOT = "b0071d00-0000-4000-8000-000000000001";
    public static final OfferedEni ENI_A = eni("eni-a", 0xa, Family.IPV4);
    public static final OfferedEni ENI_B = eni("eni-b", 0xb, Family.IPV4);

    private Samples() {}

    public static OfferedEni eni(String id, long mac, Family... families) {
        List<Cidr> subnets = Arrays.stream(families)
                .map(f -> f == Family.IPV4 ? Cidr.parse("10.0.64.0/20") : Cidr.parse("2001:db8:64::/64"))
                .toList();
        return new OfferedEni(
                new EniId(id),
                new Mac(0x00163e000000L + mac),
                new VSwitchId("vsw-h"),
                subnets,
                List.of(ip((int) (240 + mac % 16))),
                false);
    }

    /** With the own address 10.0.64.(240 + mac). */
    public static OfferedEni eni(String id, long mac, EniRole role) {
        return role(eni(id, mac, Family.IPV4), role);
    }

    public static Ip ip(int last) {
        return Ip.parse("10.0.64.0").plus(last);
    }

    public static OfferedAddress address(OfferedEni eni, Ip ip, long number) {
        return new OfferedAddress(ip, eni.id(), Cidr.single(ip), number);
    }

    /** Offers 10.0.64.from to 10.0.64.(from + count - 1). */
    public static LedgerEntry.Offered offer(OfferedEni eni, int from, int count, long number) {
        List<OfferedAddress> addresses = IntStream.range(from, from + count)
                .mapToObj(i -> address(eni, ip(i), number))
                .toList();
        return new LedgerEntry.Offered(List.of(eni), addresses);
    }

    public static SandboxKey key(String container) {
        return new SandboxKey("terway", container, "eth0");
    }

    public static PodLife pod(String name, String uid) {
        return new PodLife(new PodRef("default", name), uid);
    }

    public static BootTime at(long seconds) {
        return new BootTime(BOOT, Duration.ofSeconds(seconds));
    }

    public static Binding binding(String container, Ip ip, OfferedEni eni, long sequence) {
        return binding(container, ip, eni, Attachment.SHARED, sequence);
    }

    public static Binding binding(String container, Ip ip, OfferedEni eni, Attachment attachment, long sequence) {
        return new Binding(
                key(container),
                pod("web-" + container, "uid-" + container),
                Path.of("/run/netns", container),
                List.of(new HeldAddress(ip, eni.id())),
                false,
                at(5),
                sequence,
                attachment);
    }

    public static NodeConfig config(long revision) {
        return config(revision, NetworkMode.ENIIP);
    }

    public static NodeConfig config(long revision, NetworkMode mode) {
        return new NodeConfig(
                revision,
                mode,
                VirtualType.VETH,
                List.of(Family.IPV4),
                List.of(Cidr.parse("172.16.0.0/16")),
                List.of(Cidr.parse("169.254.20.10/32")),
                0,
                Duration.ofSeconds(30),
                false);
    }

    /** As {@link #config}, written when there were no options. */
    static NodeConfig configBeforeTails(long revision) {
        return config(config(revision), NetworkOptions.BEFORE_TAILS);
    }

    private static NodeConfig config(NodeConfig plain, NetworkOptions options) {
        return new NodeConfig(
                plain.revision(),
                plain.mode(),
                plain.virtualType(),
                plain.families(),
                plain.serviceCidrs(),
                plain.hostStackCidrs(),
                plain.mtu(),
                plain.coolDown(),
                plain.localAllocation(),
                options);
    }

    /** As {@link #config}, with everything asked for that can be. */
    public static NodeConfig fullConfig(long revision) {
        NodeConfig plain = config(revision, NetworkMode.TRUNK);
        return config(
                plain,
                new NetworkOptions(
                        10,
                        List.of(Cidr.parse("10.8.1.0/24")),
                        VlanStrip.VLAN,
                        false,
                        false,
                        List.of(Cidr.parse("192.168.0.0/16")),
                        List.of(Cidr.parse("100.64.0.0/10")),
                        true,
                        true,
                        true,
                        true,
                        true,
                        List.of(Cidr.parse("10.0.0.0/8"))));
    }

    /** A trunk, a member of it and the member's one address. */
    public static LedgerEntry.Offered memberOffer(long number) {
        OfferedEni trunk = role(eni("eni-t", 0x70, Family.IPV4), new EniRole.Trunk());
        OfferedEni member = role(eni("eni-m", 0x71, Family.IPV4), new EniRole.Member(trunk.id(), 101));
        return new LedgerEntry.Offered(
                List.of(trunk, member.with(EniGroups.POD)), List.of(address(member, ip(200), number)));
    }

    private static OfferedEni role(OfferedEni eni, EniRole role) {
        return new OfferedEni(eni.id(), eni.mac(), eni.vSwitch(), eni.subnets(), eni.own(), role);
    }

    private static Binding memberBinding(long sequence) {
        Binding plain = binding("three", ip(200), ENI_A, sequence);
        return new Binding(
                plain.key(),
                plain.pod(),
                plain.netns(),
                List.of(new HeldAddress(ip(200), new EniId("eni-m"))),
                plain.fixed(),
                plain.at(),
                plain.sequence(),
                Attachment.TRUNK_MEMBER,
                List.of(
                        HostPort.everywhere(Transport.UDP, Family.IPV6, 65535, 53),
                        new HostPort(Transport.TCP, Cidr.parse("10.0.0.10/32"), 8080, 80)));
    }

    /** One entry of every kind a journal holds, in an order that applies. */
    public static List<LedgerEntry> everyKind() {
        return List.of(
                new LedgerEntry.TermSeen(3),
                new LedgerEntry.Configured(config(1)),
                offer(ENI_A, 1, 4, 10),
                new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)),
                new LedgerEntry.Bound(binding("two", ip(2), ENI_A, 2)),
                new LedgerEntry.Released(key("one"), at(20), true),
                new LedgerEntry.Withdrawn(List.of(new WithdrawnAddress(ip(4), ENI_A.id(), 11)), List.of(ENI_B.id())),
                new LedgerEntry.TermSeen(4),
                new LedgerEntry.Configured(fullConfig(2)),
                memberOffer(12),
                new LedgerEntry.Bound(memberBinding(4)));
    }

    public static LedgerState fresh() {
        LedgerState state = new LedgerState();
        state.apply(new LedgerEntry.Created("ledger-0001"));
        return state;
    }

    public static LedgerState of(LedgerEntry... entries) {
        LedgerState state = fresh();
        Arrays.stream(entries).forEach(state::apply);
        return state;
    }
}
