package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.PodAttachment;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DatapathApplierPrivilegedIT {

    private static final long GONE_WITHIN_NANOS = 1_000_000_000L;

    private final OneNode node = new OneNode();
    private DatapathApplier applier;

    @BeforeEach
    void openApplier() {
        applier = DatapathApplier.open(node.host);
    }

    @AfterEach
    void leaveNothing() {
        if (applier != null) {
            applier.close();
        }
        node.close();
    }

    @Test
    void podsReachEachOtherTheNodeAndTheVpcInBothFamilies() {
        PodAttachment a = node.pod("a", 11);
        PodAttachment b = node.pod("b", 12);

        plumb(a);
        plumb(b);

        for (int family : new int[] {0, 1}) {
            Ip toA = a.addresses().get(family);
            Ip toB = b.addresses().get(family);
            Ip gateway = (family == 0 ? OneNode.V4 : OneNode.V6).vSwitchGateway();
            OneNode.talk(a.netns(), b.netns(), toB);
            OneNode.talk(b.netns(), a.netns(), toA);
            OneNode.talk(a.netns(), node.vpc, gateway);
            OneNode.talk(node.vpc, a.netns(), toA);
        }
    }

    @Test
    void anAddThatIsRepeatedChangesNothing() {
        PodAttachment pod = node.pod("a", 11);
        plumb(pod);

        AddResult.Plumbed again = plumb(pod);

        assertEquals(0, again.stages().operations());
        assertEquals(new CheckResult.Intact(), applier.check(pod));
    }

    static Stream<String> damages() {
        return Stream.of(
                "host ip link set %s down",
                "host ip link set %s mtu 1400",
                "host ip link set %s alias other",
                "host ip link set %s address 02:00:00:00:00:99",
                "host ip link del %s",
                "host ip route del 10.0.64.11",
                "host ip -6 route del fd00:64::b",
                "host ip rule del prio 512",
                "host ip rule del prio 2048",
                "host ip -6 rule del prio 512",
                "host ip -6 rule del prio 2048",
                "host ip rule add prio 2048 from 10.0.64.11 lookup 4000 proto 84",
                "host ip neigh del 10.0.64.11 dev %s",
                "host ip neigh replace fd00:64::b lladdr 02:00:00:00:00:99 dev %s nud permanent",
                "host sysctl -qw net.ipv4.conf.%s.rp_filter=1",
                "host sysctl -qw net.ipv6.conf.%s.forwarding=0",
                "host sysctl -qw net.ipv4.ip_forward=0",
                "host ip link set eth1 down",
                "host ip route flush table 1002",
                "host ip -6 route flush table 1002",
                "pod ip link set eth0 down",
                "pod ip link set eth0 mtu 1400",
                "pod ip addr flush dev eth0 scope global",
                "pod ip -6 addr del fd00:64::b/128 dev eth0",
                "pod ip route del default",
                "pod ip -6 route del default",
                "pod ip neigh del 169.254.1.1 dev eth0",
                "pod ip -6 neigh del fe80::1 dev eth0",
                "pod sysctl -qw net.ipv6.conf.eth0.accept_ra=1");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void checkFindsDamageAndAddRepairsIt(String damage) {
        PodAttachment pod = node.pod("a", 11);
        plumb(pod);
        String[] command =
                damage.replace("%s", LinkNames.hostLink(pod.pod(), "eth0")).split(" ");
        String said = Lab.output(
                command[0].equals("pod") ? pod.netns() : node.host,
                Stream.of(command).skip(1).toArray(String[]::new));
        assertEquals("", said);

        CheckResult broken = applier.check(pod);

        assertInstanceOf(CheckResult.Differs.class, broken);
        applier.ensureEni(OneNode.ENI);
        plumb(pod);
        assertEquals(new CheckResult.Intact(), applier.check(pod));
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        OneNode.talk(pod.netns(), node.vpc, OneNode.V6.vSwitchGateway());
    }

    @Test
    void aDelCutsAtOnceAndLeavesNothingASecondLater() {
        PodAttachment pod = node.pod("a", 11);
        plumb(pod);

        remove(pod);

        assertThrows(
                UncheckedIOException.class, () -> OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway()));
        assertTrue(node.leftovers().stream().noneMatch(l -> l.contains("cali") || l.contains("lookup")));
        awaitNothingLeft();
        assertEquals(0, remove(pod).stages().operations());
    }

    @Test
    void aLateDelOfTheOldSandboxTouchesNothingOfTheNext() {
        PodAttachment old = node.pod("a", 11);
        plumb(old);
        SandboxKey nextKey = new SandboxKey("terway", "sandbox-next", "eth0");
        PodAttachment next = new PodAttachment(
                nextKey,
                old.pod(),
                node.pod("b", 11).netns(),
                old.addresses(),
                old.connection(),
                old.mtu(),
                old.reach());
        plumb(next);

        DelResult late = applier.del(old.key(), old.pod(), old.netns(), old.addresses());

        assertEquals(0, assertInstanceOf(DelResult.Removed.class, late).stages().operations());
        assertEquals(new CheckResult.Intact(), applier.check(next));
        OneNode.talk(node.vpc, next.netns(), next.addresses().getFirst());
    }

    @Test
    void aSandboxCanBeAddedAgainRightAfterItsDel() {
        PodAttachment pod = node.pod("a", 11);
        plumb(pod);
        remove(pod);

        plumb(pod);

        assertEquals(new CheckResult.Intact(), applier.check(pod));
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
    }

    @Test
    void anAddressChangedBetweenTwoAddsLeavesNothingOfTheFirst() {
        PodAttachment first = node.pod("a", 11);
        plumb(first);
        List<Ip> others = List.of(Ip.parse("10.0.64.21"), Ip.parse("fd00:64::21"));
        PodAttachment second = new PodAttachment(
                first.key(), first.pod(), first.netns(), others, first.connection(), first.mtu(), first.reach());

        plumb(second);

        assertEquals(new CheckResult.Intact(), applier.check(second));
        assertTrue(node.leftovers().stream().noneMatch(l -> l.contains("10.0.64.11")), node.leftovers()::toString);
    }

    @Test
    void ensureEniSaysWhenNoLinkHasTheMac() {
        EniAttachment missing =
                new EniAttachment(new EniId("eni-no"), Mac.parse("00:16:3e:00:00:02"), List.of(OneNode.V4));

        assertEquals(new EniResult.Absent(), applier.ensureEni(missing));
        EniResult.Ready ready = assertInstanceOf(EniResult.Ready.class, applier.ensureEni(OneNode.ENI));
        assertEquals(1000 + ready.ifindex(), ready.table());
    }

    @Test
    void aVanishedNetnsIsAFailureThatNamesIt() {
        PodAttachment pod = node.pod("a", 11);
        node.lab.remove(pod.netns());

        AddResult.Failed failed = assertInstanceOf(AddResult.Failed.class, applier.add(pod));

        assertTrue(failed.step().contains(pod.netns().toString()), failed::toString);
        assertInstanceOf(CheckResult.Differs.class, applier.check(pod));
    }

    @Test
    void aForeignEth0IsNeverReplaced() {
        PodAttachment pod = node.pod("a", 11);
        Lab.output(pod.netns(), "ip", "link", "add", "eth0", "type", "bridge");

        AddResult.Failed failed = assertInstanceOf(AddResult.Failed.class, applier.add(pod));

        assertTrue(failed.reason().contains("EEXIST"), failed::toString);
        assertTrue(Lab.output(pod.netns(), "ip", "-d", "link", "show", "eth0").contains("bridge"));
    }

    @Test
    void manyPodsComeAndGoAtOnceAndLeaveNothing() {
        List<PodAttachment> pods =
                IntStream.range(0, 30).mapToObj(i -> node.pod("p" + i, 30 + i)).toList();

        List<Thread> threads = new ArrayList<>();
        pods.forEach(pod -> threads.add(Thread.ofVirtual().start(() -> plumb(pod))));
        threads.forEach(DatapathApplierPrivilegedIT::join);

        pods.forEach(pod -> assertEquals(new CheckResult.Intact(), applier.check(pod)));
        pods.forEach(this::remove);
        awaitNothingLeft();
    }

    private AddResult.Plumbed plumb(PodAttachment pod) {
        return assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
    }

    private DelResult.Removed remove(PodAttachment pod) {
        return assertInstanceOf(
                DelResult.Removed.class, applier.del(pod.key(), pod.pod(), pod.netns(), pod.addresses()));
    }

    private void awaitNothingLeft() {
        long deadline = System.nanoTime() + GONE_WITHIN_NANOS;
        while (!node.leftovers().isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(20_000_000L);
        }
        assertEquals(List.of(), node.leftovers());
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
