package io.terway.eni.sim.action;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A security group rule as parameters; egress mirrors ingress with Dest in place of Source. */
final class RuleParams {

    private static final Set<String> WITH_PORTS = Set.of("tcp", "udp");
    private static final Set<String> WITHOUT_PORTS = Set.of("icmp", "icmpv6", "gre", "all");

    private RuleParams() {}

    static SecurityRule parse(Params params, boolean ingress, String id, Instant now) {
        String protocol = params.required("IpProtocol").toLowerCase(Locale.ROOT);
        int[] ports = ports(params, protocol);
        SecurityRule.Peer peer = peer(params, ingress ? "Source" : "Dest", protocol);
        return new SecurityRule(
                id,
                ingress,
                protocol,
                ports[0],
                ports[1],
                peer,
                accept(params),
                params.integer("Priority", 1, 100).orElse(1),
                params.text("Description", ""),
                now);
    }

    private static boolean accept(Params params) {
        return switch (params.text("Policy", "accept").toLowerCase(Locale.ROOT)) {
            case "accept" -> true;
            case "drop" -> false;
            default -> throw Params.invalid("Policy");
        };
    }

    private static int[] ports(Params params, String protocol) {
        if (!WITH_PORTS.contains(protocol) && !WITHOUT_PORTS.contains(protocol)) {
            throw Params.invalid("IpProtocol");
        }
        String range = WITH_PORTS.contains(protocol) ? params.required("PortRange") : params.text("PortRange", "-1/-1");
        String[] ends = range.split("/", -1);
        try {
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends.length == 2 ? ends[1] : "");
            boolean fits = WITH_PORTS.contains(protocol)
                    ? 1 <= first && first <= last && last <= 65_535
                    : first == -1 && last == -1;
            if (fits) {
                return new int[] {first, last};
            }
        } catch (NumberFormatException e) {
            // Refused below like every other wrong range.
        }
        throw Params.invalid("PortRange");
    }

    private static SecurityRule.Peer peer(Params params, String side, String protocol) {
        Optional<Cidr> v4 = block(params, side + "CidrIp");
        if (v4.isPresent()) {
            if (protocol.equals("icmpv6")) {
                throw ErrorCode.GROUP_RULE_V4.refuse("An IPv4 block cannot be used with icmpv6.");
            }
            return new SecurityRule.Peer.Block(v4.get());
        }
        Optional<Cidr> v6 = block(params, "Ipv6" + side + "CidrIp");
        if (v6.isPresent()) {
            if (protocol.equals("icmp")) {
                throw ErrorCode.GROUP_RULE_V6.refuse("An IPv6 block cannot be used with icmp.");
            }
            return new SecurityRule.Peer.Block(v6.get());
        }
        return params.value(side + "GroupId", SecurityGroupId::new)
                .<SecurityRule.Peer>map(SecurityRule.Peer.Group::new)
                .or(() -> params.text(side + "PrefixListId").map(SecurityRule.Peer.PrefixList::new))
                .orElseThrow(() -> Params.missing(side + "CidrIp"));
    }

    private static Optional<Cidr> block(Params params, String name) {
        Optional<Cidr> block = params.value(name, Cidr::parseMasking);
        boolean v6 = name.startsWith("Ipv6");
        if (block.isPresent() && (block.get().family().bits() > 32) != v6) {
            throw Params.invalid(name);
        }
        return block;
    }

    /** The rules of a call: {@code Permissions.N}, or the same parameters flat. */
    static List<Params> asked(Params params) {
        List<Params> listed = params.structs("Permissions", 100);
        boolean flat = params.text("IpProtocol").isPresent();
        if (flat && !listed.isEmpty()) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("Permissions.N and flat rule parameters exclude each other.");
        }
        return flat ? List.of(params) : listed;
    }
}
