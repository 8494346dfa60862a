package io.terway.eni.sim.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressesTest {

    private final LabCloud lab = new LabCloud("ecs.g7.xlarge", Latencies.none(), false);
    private final EniId eni = lab.attached(EniKind.SECONDARY, 4);
    private final Addresses addresses = lab.cloud.addresses();

    private String refusal(AddressRequest wanted) {
        return assertThrows(Refusal.class, () -> addresses.assign(eni, wanted, lab.now))
                .code();
    }

    private static AddressRequest named(String... ips) {
        return AddressRequest.exactly(
                false, List.of(ips).stream().map(Ip::parse).toList());
    }

    @Test
    void assignsInOrderAndKeepsTheIndexTrue() {
        List<Ip> given =
                addresses.assign(eni, AddressRequest.count(false, 2), lab.now).addresses();
        assertEquals(List.of(Ip.parse("10.0.64.6"), Ip.parse("10.0.64.7")), given);
        assertEquals(eni, lab.cloud.enis().holder(Ip.parse("10.0.64.7")).orElseThrow());
        addresses.unassign(eni, false, given, List.of(), lab.now);
        assertEquals(true, lab.cloud.enis().holder(Ip.parse("10.0.64.7")).isEmpty());
    }

    @Test
    void quotaCountsThePrimaryAndFailsWhole() {
        assertEquals("InvalidOperation.Ipv4CountExceeded", refusal(AddressRequest.count(false, 11)));
        assertEquals(5, lab.cloud.enis().get(eni).used(false));
        assertEquals(
                10,
                addresses
                        .assign(eni, AddressRequest.count(false, 10), lab.now)
                        .addresses()
                        .size());
    }

    @Test
    void namedAddressesAreCheckedOneByOneAndTakenTogether() {
        assertEquals("InvalidIp.IpAssigned", refusal(named("10.0.64.100", "10.0.64.1")));
        assertEquals("InvalidIp.IpRepeated", refusal(named("10.0.64.100", "10.0.64.100")));
        assertEquals("InvalidVSwitchId.IpInvalid", refusal(named("10.0.79.253")));
        assertEquals("InvalidVSwitchId.IpInvalid", refusal(named("10.0.0.5")));
        addresses.assign(eni, named("10.0.64.100"), lab.now);
    }

    @Test
    void exhaustedVSwitchGivesNothing() {
        lab.cloud.conditions().exhaust(LabCloud.PODS, true);
        assertEquals("InvalidVSwitchId.IpNotEnough", refusal(AddressRequest.count(false, 1)));
        assertEquals(0, lab.cloud.network().freeAddresses(LabCloud.PODS));
    }

    @Test
    void unassignRefusesThePrimaryAndWhatIsNotThere() {
        for (String ip : List.of("10.0.64.1", "10.0.64.200")) {
            List<Ip> both = List.of(Ip.parse("10.0.64.2"), Ip.parse(ip));
            assertEquals(
                    "InvalidIp.IpUnassigned",
                    assertThrows(Refusal.class, () -> addresses.unassign(eni, false, both, List.of(), lab.now))
                            .code());
        }
        assertEquals(5, lab.cloud.enis().get(eni).used(false));
    }

    @Test
    void secondOperationOnAnInterfaceConflictsWhileTheFirstRuns() {
        lab.cloud.conditions().latencies(Latencies.typical());
        addresses.assign(eni, AddressRequest.count(false, 1), lab.now);
        assertEquals("Operation.Conflict", refusal(AddressRequest.count(false, 1)));
        lab.pass(Duration.ofMillis(200));
        addresses.assign(eni, AddressRequest.count(false, 1), lab.now);
    }

    @Test
    void prefixCountsOneOfTheQuotaAndIsFoundByItsAddresses() {
        AddressRequest prefix = new AddressRequest(false, List.of(), 0, List.of(), 1);
        var given = addresses.assign(eni, prefix, lab.now).prefixes().getFirst();
        assertEquals(6, lab.cloud.enis().get(eni).used(false));
        assertEquals(eni, lab.cloud.enis().holder(given.network().plus(3)).orElseThrow());
    }

    @Test
    void ipv6HasItsOwnQuota() {
        addresses.assign(eni, AddressRequest.count(true, 10), lab.now);
        assertEquals("InvalidOperation.Ipv6CountExceeded", refusal(AddressRequest.count(true, 6)));
    }
}
