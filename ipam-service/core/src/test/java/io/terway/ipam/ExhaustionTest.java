package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pods are told for which no vSwitch has an address. */
class ExhaustionTest {

    private static final Map<String, Object> LEAN = Map.of("min_pool_size", 0, "max_pool_size", 0);

    private static NodeRig rig(int addresses, Map<String, Object> eniConf) {
        NodeRig rig = new NodeRig(new ModelCloud(addresses));
        rig.configure(eniConf);
        rig.feed(new IpamEvent.VSwitchesSeen(List.of(
                new VSwitchSupply(ModelCloud.VSWITCH, new ZoneId("cn-hangzhou-h"), Cidr.parse("10.0.64.0/20"), 5))));
        rig.connect();
        return rig;
    }

    private static AllocateOutcome.Refused refused(AllocateOutcome outcome) {
        return assertInstanceOf(AllocateOutcome.Refused.class, outcome, outcome::toString);
    }

    @Test
    void onePodMoreThanThereAreAddressesIsToldWhichVSwitchHasNoneAndWhatToDo() {
        NodeRig rig = rig(5, LEAN);
        for (int pod = 1; pod <= 5; pod++) {
            rig.add(pod);
        }

        var refused = refused(rig.ask(6, Map.of()));

        assertEquals(AllocateOutcome.Why.V_SWITCH_EXHAUSTED, refused.why());
        assertEquals(
                "pod ns/pod-c6: no [IPV4] address is left for node n1 in zone cn-hangzhou-h; vSwitch vsw-h "
                        + "(10.0.64.0/20, 4092 addresses) has none left: vsw-h has too few IPv4 addresses; add a vSwitch of this zone to "
                        + "eni_conf.vswitches, or free some: lower min_pool_size and max_pool_size, remove pods, or "
                        + "PodNetInfos that nobody needs",
                refused.message());
        assertTrue(rig.noticed("VSwitchExhausted"), "and an event on the node");
        assertFalse(rig.status.sufficient(), "and its condition SufficientIP");
        assertTrue(rig.status.message().contains("vsw-h"), rig.status.message());
    }

    @Test
    void theEventIsSaidOnce() {
        NodeRig rig = rig(2, LEAN);
        rig.add(1);
        rig.add(2);

        for (int pod = 3; pod < 40; pod++) {
            refused(rig.ask(pod, Map.of()));
        }

        assertEquals(
                1,
                rig.notices.stream()
                        .filter(notice -> notice.reason().equals("VSwitchExhausted"))
                        .count());
    }

    @Test
    void podsThatAreRefusedCostTheCloudAHandfulOfCallsAMinute() {
        NodeRig rig = rig(2, LEAN);
        rig.add(1);
        rig.add(2);
        int before = rig.commands.size();

        for (int second = 0; second < 300; second++) {
            rig.ask(1_000 + second, Map.of());
            rig.pass(Duration.ofSeconds(1));
        }

        assertTrue(rig.commands.size() - before <= 15, rig.commands.size() - before + " in 5 minutes");
    }

    @Test
    void anAddressThatRestsIsWaitedFor() {
        NodeRig rig = rig(2, Map.of("min_pool_size", 2, "max_pool_size", 2));
        rig.add(1);
        rig.add(2);
        rig.delete(1);

        rig.add(3);

        assertEquals(2, rig.agent.bound.size());
    }

    @Test
    void whatIsGivenBackIsAskedForAtOnce() {
        NodeRig rig = rig(3, LEAN);
        rig.add(1);
        rig.add(2);
        rig.add(3);
        refused(rig.ask(4, Map.of()));
        rig.delete(3);
        rig.pass(Duration.ofSeconds(31)); // it rests, then goes back to the vSwitch

        var start = rig.now;
        rig.add(4);

        assertTrue(Duration.between(start, rig.now).compareTo(Duration.ofSeconds(5)) < 0);
        assertTrue(rig.status.sufficient());
    }

    @ParameterizedTest
    @CsvSource({"ENI", "Trunk", "ENIIP"})
    void podsWithAnEniOfTheirOwnAreToldToo(String mode) {
        NodeRig rig = rig(
                mode.equals("Trunk") ? 2 : 1,
                Map.of("network_mode", mode, "min_pool_size", 0, "max_pool_size", 0)); // a trunk takes one for itself
        Map<String, String> own = mode.equals("ENIIP") ? Map.of(PodWishes.OWN_ENI, "true") : Map.of();
        rig.add(1, own);

        assertEquals(
                AllocateOutcome.Why.V_SWITCH_EXHAUSTED, refused(rig.ask(2, own)).why());
    }

    @Test
    void aPodThatWouldKeepItsAddressIsToldToo() {
        NodeRig rig = rig(1, LEAN);
        rig.add(1);

        var refused = refused(rig.ask(2, FixedRig.FIXED));

        assertEquals(AllocateOutcome.Why.V_SWITCH_EXHAUSTED, refused.why());
    }

    @Test
    void theFamilyThatIsLackingIsNamed() {
        ModelCloud cloud = new ModelCloud(2);
        for (int i = 0; i < 50; i++) {
            cloud.freeIpv6.add(Ip.parse("2001:db8:1::1000").plus(i));
        }
        cloud.limits = new InstanceLimits(3, 10, 10, 10, true);
        NodeRig rig = NodeRig.of(cloud, Map.of("ip_stack", "dual", "min_pool_size", 0, "max_pool_size", 0));
        rig.add(1);
        rig.add(2);

        assertTrue(refused(rig.ask(3, Map.of())).message().contains("too few IPv4 addresses"));
    }
}
