package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.AddressRequest;
import io.terway.eni.sim.cloud.Addresses;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Params;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.List;

/** Assigning and unassigning secondary addresses and prefixes. */
final class AddressActions {

    private static final int NAMED = 50;
    private static final int PREFIXES = 10;
    private static final int IPV6 = 10;

    private AddressActions() {}

    static List<Action> all() {
        return List.of(
                Action.tokenChange("AssignPrivateIpAddresses", AddressActions::assignIpv4),
                Action.change("UnassignPrivateIpAddresses", AddressActions::unassignIpv4),
                Action.tokenChange("AssignIpv6Addresses", AddressActions::assignIpv6),
                Action.change("UnassignIpv6Addresses", AddressActions::unassignIpv6));
    }

    private static Fields assignIpv4(Call call) {
        AddressRequest wanted = AddressParams.ipv4(call.params(), NAMED, NAMED - 1, PREFIXES);
        Addresses.Assigned given = assign(call, wanted, "PrivateIpAddress");
        return Fields.of()
                .put(
                        "AssignedPrivateIpAddressesSet",
                        Fields.of()
                                .put("NetworkInterfaceId", given.eni().value())
                                .texts("PrivateIpSet", "PrivateIpAddress", given.addresses())
                                .texts("Ipv4PrefixSet", "Ipv4Prefixes", given.prefixes()));
    }

    private static Fields assignIpv6(Call call) {
        AddressRequest wanted = AddressParams.ipv6(call.params(), IPV6);
        Addresses.Assigned given = assign(call, wanted, "Ipv6Address");
        return Fields.of()
                .put("NetworkInterfaceId", given.eni().value())
                .texts("Ipv6Sets", "Ipv6Address", given.addresses())
                .texts("Ipv6PrefixSets", "Ipv6Prefix", given.prefixes());
    }

    private static Addresses.Assigned assign(Call call, AddressRequest wanted, String name) {
        EniId eni = call.params().requiredValue("NetworkInterfaceId", EniId::new);
        if (wanted.total() == 0) {
            throw Params.missing(name);
        }
        if (wanted.mixesKinds()) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("Single addresses and prefixes cannot be mixed in one request.");
        }
        return call.cloud().addresses().assign(eni, wanted, call.now());
    }

    private static Fields unassignIpv4(Call call) {
        return unassign(
                call,
                false,
                "PrivateIpAddress",
                call.params().ips("PrivateIpAddress", NAMED, false),
                call.params().cidrs("Ipv4Prefix", PREFIXES, false));
    }

    private static Fields unassignIpv6(Call call) {
        return unassign(
                call,
                true,
                "Ipv6Address",
                call.params().ips("Ipv6Address", IPV6, true),
                call.params().cidrs("Ipv6Prefix", IPV6, true));
    }

    private static Fields unassign(Call call, boolean v6, String name, List<Ip> ips, List<Cidr> prefixes) {
        EniId eni = call.params().requiredValue("NetworkInterfaceId", EniId::new);
        if (ips.isEmpty() && prefixes.isEmpty()) {
            throw Params.missing(name);
        }
        if (!ips.isEmpty() && !prefixes.isEmpty()) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("Single addresses and prefixes cannot be mixed in one request.");
        }
        call.cloud().addresses().unassign(eni, v6, ips, prefixes, call.now());
        return Fields.of();
    }
}
