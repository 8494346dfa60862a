package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.AddressRequest;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Params;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.List;

/** How calls ask for addresses: named or counted, singly or as prefixes, but not two ways at once. */
final class AddressParams {

    private AddressParams() {}

    static AddressRequest ipv4(Params params, int named, int counted, int prefixes) {
        return request(
                false,
                params.ips("PrivateIpAddress", named, false),
                params.integer("SecondaryPrivateIpAddressCount", 1, counted).orElse(0),
                params.cidrs("Ipv4Prefix", prefixes, false),
                params.integer("Ipv4PrefixCount", 1, prefixes).orElse(0));
    }

    static AddressRequest ipv6(Params params, int most) {
        return request(
                true,
                params.ips("Ipv6Address", most, true),
                params.integer("Ipv6AddressCount", 1, most).orElse(0),
                params.cidrs("Ipv6Prefix", most, true),
                params.integer("Ipv6PrefixCount", 1, most).orElse(0));
    }

    private static AddressRequest request(boolean v6, List<Ip> ips, int count, List<Cidr> prefixes, int prefixCount) {
        if (!ips.isEmpty() && count > 0 || !prefixes.isEmpty() && prefixCount > 0) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("Named addresses and a count exclude each other.");
        }
        return new AddressRequest(v6, ips, count, prefixes, prefixCount);
    }
}
