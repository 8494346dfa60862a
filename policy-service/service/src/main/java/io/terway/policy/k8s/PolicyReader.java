package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.terway.net.Cidr;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads one NetworkPolicy object. What cannot be read in a rule is left out of it and named: the pods stay isolated, so
 * an unreadable peer or port fails closed. An unreadable subject selects nobody and is refused whole.
 */
final class PolicyReader {

    private final List<String> faults = new ArrayList<>();

    /** A policy with what could not be read in it, for its event. */
    record Read(Optional<NetworkPolicy> policy, List<String> faults) {}

    static Read read(io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy object) {
        return new PolicyReader().readObject(object);
    }

    private Read readObject(io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy object) {
        var spec = object.getSpec();
        var id = new PolicyId(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
        Optional<Selector> subject =
                attempt("spec.podSelector", () -> selector(spec == null ? null : spec.getPodSelector()));
        if (subject.isEmpty()) {
            return new Read(Optional.empty(), faults);
        }
        List<PolicyRule> ingress = rules(
                "spec.ingress",
                spec == null ? null : spec.getIngress(),
                rule -> new Parts(rule.getFrom(), rule.getPorts()));
        List<PolicyRule> egress = rules(
                "spec.egress",
                spec == null ? null : spec.getEgress(),
                rule -> new Parts(rule.getTo(), rule.getPorts()));
        List<String> types = spec == null || spec.getPolicyTypes() == null ? List.of() : spec.getPolicyTypes();
        // The API's own defaulting: always Ingress, and Egress when there is an egress rule.
        boolean isolatesIngress = types.isEmpty() || types.contains("Ingress");
        boolean isolatesEgress = types.isEmpty()
                ? spec != null && spec.getEgress() != null && !spec.getEgress().isEmpty()
                : types.contains("Egress");
        return new Read(
                Optional.of(new NetworkPolicy(
                        id,
                        subject.get(),
                        isolatesIngress ? Optional.of(ingress) : Optional.empty(),
                        isolatesEgress ? Optional.of(egress) : Optional.empty())),
                faults);
    }

    private record Parts(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {}

    private <T> List<PolicyRule> rules(String field, List<T> objects, Function<T, Parts> parts) {
        List<PolicyRule> out = new ArrayList<>();
        for (int i = 0; objects != null && i < objects.size(); i++) {
            Parts part = parts.apply(objects.get(i));
            String at = field + "[" + i + "]";
            List<Peer> peers = each(at + ".peers", part.peers, PolicyReader::peer);
            List<PortMatch> ports = each(at + ".ports", part.ports, PolicyReader::port);
            boolean peersLost = part.peers != null && !part.peers.isEmpty() && peers.isEmpty();
            boolean portsLost = part.ports != null && !part.ports.isEmpty() && ports.isEmpty();
            // An empty list means "everybody": a rule whose every peer was unreadable must not become that.
            if (!peersLost && !portsLost) {
                out.add(new PolicyRule(peers, ports));
            }
        }
        return out;
    }

    private <T, R> List<R> each(String field, List<T> objects, Function<T, R> read) {
        List<R> out = new ArrayList<>();
        for (int i = 0; objects != null && i < objects.size(); i++) {
            T object = objects.get(i);
            attempt(field + "[" + i + "]", () -> read.apply(object)).ifPresent(out::add);
        }
        return out;
    }

    private <R> Optional<R> attempt(String field, java.util.function.Supplier<R> read) {
        try {
            return Optional.of(read.get());
        } catch (IllegalArgumentException e) {
            faults.add(field + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Peer peer(NetworkPolicyPeer peer) {
        var block = peer.getIpBlock();
        boolean selects = peer.getPodSelector() != null || peer.getNamespaceSelector() != null;
        if (block != null && selects) {
            throw new IllegalArgumentException("has an ipBlock and a selector; use two peers");
        }
        if (block != null) {
            List<String> except = block.getExcept() == null ? List.of() : block.getExcept();
            return new Peer.Block(
                    Cidr.parseMasking(block.getCidr()),
                    except.stream().map(Cidr::parseMasking).toList());
        }
        if (!selects) {
            throw new IllegalArgumentException("names no peer that this version knows");
        }
        return new Peer.Pods(
                Optional.ofNullable(peer.getNamespaceSelector()).map(PolicyReader::selector),
                selector(peer.getPodSelector()));
    }

    private static PortMatch port(NetworkPolicyPort port) {
        Protocol protocol = protocol(port.getProtocol());
        var value = port.getPort();
        if (value == null) {
            if (port.getEndPort() != null) {
                throw new IllegalArgumentException("endPort " + port.getEndPort() + " needs a port");
            }
            return new PortMatch.Every(protocol);
        }
        Integer number = value.getIntVal();
        if (number == null) {
            if (port.getEndPort() != null) {
                throw new IllegalArgumentException("endPort " + port.getEndPort() + " needs a numeric port");
            }
            return new PortMatch.Named(protocol, value.getStrVal());
        }
        return new PortMatch.Range(protocol, number, port.getEndPort() == null ? number : port.getEndPort());
    }

    static Protocol protocol(String name) {
        return switch (name == null ? "TCP" : name) {
            case "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            case "SCTP" -> Protocol.SCTP;
            default -> throw new IllegalArgumentException("protocol '" + name + "' is none of TCP, UDP, SCTP");
        };
    }

    static Selector selector(LabelSelector selector) {
        if (selector == null) {
            return Selector.ALL;
        }
        List<LabelSelectorRequirement> expressions =
                selector.getMatchExpressions() == null ? List.of() : selector.getMatchExpressions();
        return new Selector(
                selector.getMatchLabels() == null ? java.util.Map.of() : selector.getMatchLabels(),
                expressions.stream().map(PolicyReader::requirement).toList());
    }

    private static Selector.Requirement requirement(LabelSelectorRequirement expression) {
        Set<String> values = expression.getValues() == null ? Set.of() : Set.copyOf(expression.getValues());
        String key = expression.getKey();
        String operator = String.valueOf(expression.getOperator());
        boolean presence = operator.equals("Exists") || operator.equals("DoesNotExist");
        if (presence && !values.isEmpty()) {
            throw new IllegalArgumentException("operator " + operator + " on '" + key + "' takes no values");
        }
        return switch (operator) {
            case "In" -> new Selector.Requirement.In(key, values);
            case "NotIn" -> new Selector.Requirement.NotIn(key, values);
            case "Exists" -> new Selector.Requirement.Exists(key);
            case "DoesNotExist" -> new Selector.Requirement.DoesNotExist(key);
            default ->
                throw new IllegalArgumentException(
                        "operator '" + operator + "' is none of In, NotIn, Exists, DoesNotExist");
        };
    }
}
