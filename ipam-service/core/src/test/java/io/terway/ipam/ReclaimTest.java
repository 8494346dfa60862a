package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.terway.net.EniId;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No ENI slot is left, and an ENI without pods is of the other kind. Two ENIs of five addresses beside the primary one. */
class ReclaimTest {

    private static final Map<String, String> OWN_ENI = Map.of(PodWishes.OWN_ENI, "true");

    private final ModelCloud cloud = new ModelCloud(400);

    private NodeRig rig(int enis, Map<String, Object> more) {
        cloud.limits = new InstanceLimits(enis + 1, 5, 5);
        int size = enis * (Boolean.TRUE.equals(more.get("enable_ip_prefix")) ? 1 + 4 * Room.IPV4_BLOCK : 5);
        Map<String, Object> conf = new HashMap<>(Map.of("min_pool_size", size, "max_pool_size", size));
        conf.putAll(more);
        NodeRig rig = NodeRig.of(cloud, conf);
        rig.pass(Duration.ofMinutes(5));
        assertEquals(enis, rig.enis(CloudEni.Use.SECONDARY).size(), "every slot is taken");
        return rig;
    }

    private static Set<EniId> ids(NodeRig rig) {
        return rig.enis(CloudEni.Use.SECONDARY).stream().map(CloudEni::id).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"ipv4, false", "ipv6, false", "dual, false", "ipv4, true"})
    void anEniThatNobodyUsesIsGivenUpForAPodThatNeedsItsOwn(String stack, boolean prefixes) {
        NodeRig rig = rig(2, Map.of("ip_stack", stack, "enable_ip_prefix", prefixes));
        var shared = rig.add(1);
        Set<EniId> before = ids(rig);

        var own = rig.add(2, OWN_ENI);

        assertEquals(Attachment.EXCLUSIVE, own.attachment());
        assertNotEquals(rig.eniOf(shared).id(), rig.eniOf(own).id());
        assertEquals(before, ids(rig), "stripped, neither deleted nor made");
        assertEquals(List.of(), rig.eniOf(own).prefixes());
        assertEquals(
                Set.copyOf(own.addresses().stream().map(EniIp::ip).toList()),
                rig.eniOf(own).all().stream()
                        .filter(ip -> own.addresses().stream()
                                .anyMatch(address -> address.ip().family() == ip.family()))
                        .collect(Collectors.toSet()),
                "no address beside its own is left");
    }

    @Test
    void onlyAsManyEnisAreGivenUpAsPodsLack() {
        NodeRig rig = rig(3, Map.of());

        rig.add(1, OWN_ENI);

        assertEquals(
                2,
                rig.enis(CloudEni.Use.SECONDARY).stream()
                        .filter(eni -> eni.all().size() == 5)
                        .count());
        rig.add(2, OWN_ENI);
        rig.add(3, OWN_ENI);
        assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(4, OWN_ENI));
    }

    @Test
    void nothingMovesToAndFroAfterwards() {
        NodeRig rig = rig(2, Map.of());
        rig.add(1);
        rig.add(2, OWN_ENI);
        rig.pass(Duration.ofMinutes(1));
        Map<String, Integer> calls = Map.copyOf(cloud.calls);

        rig.pass(Duration.ofHours(6));

        assertEquals(calls, Map.copyOf(cloud.calls));
    }

    @Test
    void aPodIsRefusedOnceEveryEniHasPods() {
        NodeRig rig = rig(2, Map.of());
        for (int pod = 1; pod <= 6; pod++) {
            rig.add(pod);
        }

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(7, OWN_ENI));

        assertEquals(AllocateOutcome.Why.NODE_FULL, refused.why());
    }

    @Test
    void aPodWaitsForTheCoolDownOfTheLastPodThere() {
        NodeRig rig = rig(2, Map.of());
        for (int pod = 1; pod <= 6; pod++) {
            rig.add(pod);
        }
        var last = rig.eniOf(rig.add(7));
        long there = rig.agent.bound.values().stream()
                .filter(binding -> binding.addresses().getFirst().eni().equals(last.id()))
                .count();
        assertEquals(2, there);
        rig.agent.bound.values().stream()
                .filter(binding -> binding.addresses().getFirst().eni().equals(last.id()))
                .map(binding -> Integer.parseInt(binding.sandbox().containerId().substring(1)))
                .toList()
                .forEach(rig::delete);
        var from = rig.now;

        var own = rig.add(8, OWN_ENI);

        assertEquals(last.id(), rig.eniOf(own).id());
        assertEquals(false, rig.now.isBefore(from.plusSeconds(30)), "not before its cool-down");
    }

    @Test
    void anEniThatWasAPodsOwnIsSharedAgainForPodsThatWait() {
        NodeRig rig = rig(2, Map.of());
        rig.add(1);
        EniId own = rig.eniOf(rig.add(2, Map.of(PodWishes.GROUP, "sg-app"))).id();
        for (int pod = 3; pod <= 6; pod++) {
            rig.add(pod);
        }
        assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(7, Map.of()));
        assertEquals(6, rig.status.capacity(), "five shared ones and the pod's own");
        assertEquals(true, rig.status.full());
        rig.delete(2);
        int made = cloud.calls.get("CreateEni");

        assertEquals(own, rig.eniOf(rig.add(7)).id());

        assertEquals(
                List.of(new SecurityGroupId("sg-pool")), rig.eniOf(rig.add(8)).groups());
        assertEquals(made, cloud.calls.get("CreateEni"));
        assertEquals(10, rig.status.capacity());
    }

    @Test
    void anAddressThatTheAgentGaveMeanwhileKeepsItsEniShared() {
        NodeRig rig = rig(2, Map.of());
        EniId busy = rig.eniOf(rig.add(1)).id();
        EniIp taken = rig.agent.offered.values().stream()
                .map(Ledger.Numbered::address)
                .filter(address -> !address.eni().equals(busy))
                .findFirst()
                .orElseThrow();
        rig.agent.commit(ModelAgent.sandbox(2), List.of(taken)); // not reported yet

        rig.ask(3, OWN_ENI);
        rig.feed(rig.agent.report());

        assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(3, OWN_ENI));
        assertEquals(
                taken.eni(),
                rig.eniOf(rig.add(4)).id().equals(busy)
                        ? taken.eni()
                        : rig.eniOf(rig.add(5)).id());
    }
}
