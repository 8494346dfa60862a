package io.terway.ipam.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.ipam.CloudEni;
import io.terway.ipam.OperationResult;
import io.terway.ipam.PoolCommand;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.EniState;
import io.terway.wire.eni.v1.Failure;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.Limits;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.net.v1.Eni;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CloudWireTest {

    private static final InstanceId INSTANCE = new InstanceId("i-1");

    @Test
    void readsAMemberWithItsTrunkGroupsAndBothOwnAddresses() {
        CloudEni eni = CloudWire.eni(state("Member")
                .setVlanId(101)
                .setTrunkEniId("eni-trunk")
                .addSecurityGroupIds("sg-app")
                .build());

        assertEquals(CloudEni.Use.MEMBER, eni.use());
        assertEquals(101, eni.vlan());
        assertEquals(Optional.of(new EniId("eni-trunk")), eni.trunk());
        assertEquals(List.of(new SecurityGroupId("sg-app")), eni.groups());
        assertEquals(Optional.of(Ip.parse("2001:db8::5")), eni.ownIpv6());
    }

    @Test
    void theOnlyIpv6AddressIsTheEnisOwn() {
        EniState.Builder state = state("Secondary");
        state.getEniBuilder().clearPrimaryIpv6Address();

        CloudEni one = CloudWire.eni(state.addAddresses("2001:db8::6").build());
        CloudEni two = CloudWire.eni(state.addAddresses("2001:db8::7").build());

        assertEquals(Optional.of(Ip.parse("2001:db8::6")), one.ownIpv6());
        assertEquals(List.of(), one.addresses());
        assertEquals(Optional.empty(), two.ownIpv6());
        assertEquals(2, two.addresses().size());
    }

    @Test
    void readsMemberLimitsAndPrefixes() {
        var instance = CloudWire.instance(Instance.newBuilder()
                .setInstanceId("i-1")
                .setLimits(Limits.newBuilder().setEnis(4).setEnisTotal(14).setTrunkSupported(true))
                .addEnis(state("Secondary").addPrefixes("10.0.64.16/28"))
                .build());

        assertEquals(10, instance.limits().members());
        assertEquals(
                List.of(Cidr.parse("10.0.64.16/28")), instance.enis().getFirst().prefixes());
    }

    @Test
    void writesWhatAnEniIsMadeFor() {
        var request = CloudWire.request(
                new PoolCommand.CreateEni(
                        1,
                        INSTANCE,
                        PoolCommand.Purpose.MEMBER,
                        List.of(new VSwitchId("vsw-1")),
                        List.of(new SecurityGroupId("sg-app")),
                        new PoolCommand.Counts(0, 1, 2, 3),
                        Map.of(),
                        "",
                        Optional.of(new EniId("eni-trunk"))),
                "op",
                7);

        assertEquals("Member", request.getType());
        assertEquals("eni-trunk", request.getTrunkEniId());
        assertEquals(1, request.getIpv6Count());
        assertEquals(2, request.getIpv4PrefixCount());
        assertEquals(3, request.getIpv6PrefixCount());
        assertEquals(7, request.getTerm());
    }

    @Test
    void aPartOfPrefixesThatWasDoneIsASuccess() {
        OperationResult result = CloudWire.result(AddressesOutcome.newBuilder()
                .addPrefixes("10.0.64.16/28")
                .setFailure(Failure.newBuilder().setClass_(Failure.Class.V_SWITCH_EXHAUSTED))
                .build());

        assertEquals(new OperationResult.Assigned(List.of(), List.of(Cidr.parse("10.0.64.16/28"))), result);
    }

    @Test
    void aChangeIsNoRemoval() {
        assertEquals(new OperationResult.Changed(), CloudWire.changed(Outcome.getDefaultInstance()));
        assertEquals(new OperationResult.Removed(), CloudWire.result(Outcome.getDefaultInstance()));
    }

    @Test
    void refusesAnAddressThatIsNone() {
        assertThrows(
                IllegalArgumentException.class,
                () -> CloudWire.eni(state("Secondary").addAddresses("10.0.64").build()));
    }

    private static EniState.Builder state(String type) {
        return EniState.newBuilder()
                .setEni(Eni.newBuilder()
                        .setId("eni-1")
                        .setMac("00:16:3e:00:00:01")
                        .setVSwitchId("vsw-1")
                        .addSubnets("10.0.64.0/20")
                        .setPrimaryAddress("10.0.64.5")
                        .setPrimaryIpv6Address("2001:db8::5"))
                .setState("InUse")
                .setType(type)
                .setOurs(true);
    }
}
