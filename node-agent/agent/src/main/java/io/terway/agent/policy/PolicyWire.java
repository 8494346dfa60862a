package io.terway.agent.policy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.policy.Action;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Endpoint;
import io.terway.node.policy.HttpMatch;
import io.terway.node.policy.PeerMatch;
import io.terway.node.policy.PolicyProgram;
import io.terway.node.policy.PolicySet;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.ProgramRule;
import io.terway.node.policy.Transport;
import io.terway.wire.policy.v1.Elements;
import io.terway.wire.policy.v1.HttpRule;
import io.terway.wire.policy.v1.PeerSet;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.Rule;
import io.terway.wire.policy.v1.SetKind;
import io.terway.wire.policy.v1.SetUpdate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Messages of policy-service as what the core works with. Each method refuses what cannot be, naming it. */
final class PolicyWire {

    private PolicyWire() {}

    static PolicyProgram program(Program program) {
        return new PolicyProgram(
                program.getId(),
                switch (program.getDirection()) {
                    case INGRESS -> Direction.INGRESS;
                    case EGRESS -> Direction.EGRESS;
                    case DIRECTION_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException("program " + program.getId() + " has no direction");
                },
                rules(program.getAdminList()),
                program.getIsolated(),
                rules(program.getRulesList()),
                rules(program.getBaselineList()),
                program.getPoliciesList());
    }

    private static List<ProgramRule> rules(List<Rule> rules) {
        return rules.stream().map(PolicyWire::rule).toList();
    }

    private static ProgramRule rule(Rule rule) {
        if (!rule.getAnyPeer() && rule.getPeerSetsCount() == 0 || !rule.getAnyPort() && rule.getPortsCount() == 0) {
            throw new IllegalArgumentException(
                    "rule " + rule.getPolicy() + "#" + rule.getIndex() + " matches nothing: no peer, or no port");
        }
        return new ProgramRule(
                rule.getPolicy(),
                rule.getIndex(),
                switch (rule.getAction()) {
                    case ACTION_UNSPECIFIED, ACCEPT -> Action.ACCEPT;
                    case DENY, UNRECOGNIZED -> Action.DENY; // an action newer than this agent fails closed
                    case PASS -> Action.PASS;
                },
                rule.getAnyPeer(),
                rule.getPeerSetsList().stream().map(PolicyWire::peer).toList(),
                rule.getAnyPort(),
                rule.getPortsList().stream().map(PolicyWire::port).toList(),
                rule.getHttpList().stream().map(PolicyWire::http).toList());
    }

    private static PeerMatch peer(PeerSet peer) {
        List<Family> families = switch (peer.getFamily()) {
            case 0 -> List.of(Family.values());
            case 4 -> List.of(Family.IPV4);
            case 6 -> List.of(Family.IPV6);
            default -> throw new IllegalArgumentException("family " + peer.getFamily() + " is not 0, 4 or 6");
        };
        return new PeerMatch(peer.getSet(), peer.getOutside(), families);
    }

    private static PortSpan port(Port port) {
        Transport transport = Transport.valueOf(port.getProtocol());
        return port.getFirst() == 0 && port.getLast() == 0
                ? PortSpan.all(transport)
                : new PortSpan(transport, port.getFirst(), port.getLast());
    }

    private static HttpMatch http(HttpRule rule) {
        return new HttpMatch(
                rule.getMethod(),
                rule.getPath(),
                rule.getHost(),
                rule.getHeadersList().stream()
                        .map(h -> new HttpMatch.Header(h.getName(), h.getValue(), h.getPresentOnly()))
                        .toList());
    }

    /** The set after this update; an unchanged one keeps its object. */
    static PolicySet set(SetUpdate update, Optional<PolicySet> before) {
        if (!update.getFull() && before.isEmpty()) {
            throw new IllegalArgumentException("set " + update.getId() + ": a difference to a set that was never sent");
        }
        Optional<PolicySet> known = before.filter(b -> !update.getFull());
        PolicySet next = switch (update.getKind()) {
            case ADDRESSES -> {
                Set<Ip> add = addresses(update.getAdd());
                yield known.map(b -> ((PolicySet.Addresses) b).with(add, addresses(update.getRemove())))
                        .orElseGet(() -> new PolicySet.Addresses(update.getId(), add));
            }
            case ENDPOINTS -> {
                Set<Endpoint> add = endpoints(update.getAdd());
                yield known.map(b -> ((PolicySet.Endpoints) b).with(add, endpoints(update.getRemove())))
                        .orElseGet(() -> new PolicySet.Endpoints(update.getId(), add));
            }
            case BLOCKS ->
                new PolicySet.Blocks(
                        update.getId(),
                        update.getAdd().getBlocksList().stream()
                                .map(Cidr::parse)
                                .toList());
            case SET_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("set " + update.getId() + " is of no known kind");
        };
        return before.filter(next::equals).orElse(next);
    }

    /** The whole set as a message, for the copy on disk. */
    static SetUpdate set(PolicySet set) {
        SetUpdate.Builder out = SetUpdate.newBuilder().setId(set.id()).setFull(true);
        Elements.Builder elements = Elements.newBuilder();
        switch (set) {
            case PolicySet.Addresses addresses -> {
                out.setKind(SetKind.ADDRESSES);
                for (Ip ip : addresses.addresses()) {
                    switch (ip.family()) {
                        case IPV4 -> elements.addIpv4((int) ip.low());
                        case IPV6 -> elements.addIpv6(UnsafeByteOperations.unsafeWrap(ip.bytes()));
                    }
                }
            }
            case PolicySet.Blocks blocks -> {
                out.setKind(SetKind.BLOCKS);
                blocks.blocks().forEach(block -> elements.addBlocks(block.toString()));
            }
            case PolicySet.Endpoints endpoints -> {
                out.setKind(SetKind.ENDPOINTS);
                endpoints.endpoints().forEach(e -> elements.addEndpoints(endpoint(e)));
            }
        }
        return out.setAdd(elements).build();
    }

    private static Set<Ip> addresses(Elements elements) {
        Set<Ip> out = new HashSet<>();
        elements.getIpv4List().forEach(bits -> out.add(Ip.ofIpv4(bits)));
        for (ByteString bytes : elements.getIpv6List()) {
            out.add(Ip.of(bytes.toByteArray()));
        }
        return out;
    }

    private static Set<Endpoint> endpoints(Elements elements) {
        Set<Endpoint> out = new HashSet<>();
        elements.getEndpointsList()
                .forEach(e -> out.add(new Endpoint(
                        Ip.of(e.getAddress().toByteArray()), Transport.valueOf(e.getProtocol()), e.getPort())));
        return out;
    }

    private static io.terway.wire.policy.v1.Endpoint endpoint(Endpoint endpoint) {
        return io.terway.wire.policy.v1.Endpoint.newBuilder()
                .setAddress(UnsafeByteOperations.unsafeWrap(endpoint.address().bytes()))
                .setProtocol(endpoint.transport().name())
                .setPort(endpoint.port())
                .build();
    }
}
