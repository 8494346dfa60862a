package io.terway.policy.read;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads one CiliumNetworkPolicy as far as it is supported: endpoints, entities, CIDRs, ports and HTTP rules. Any other
 * field makes its rule allow nothing, and the pods stay isolated.
 *
 * <p>Unlike in a NetworkPolicy, an empty rule allows nothing and an empty list of peers means nobody. An empty list of
 * ports means every port, as it does there.
 */
final class CiliumPolicyReader {

    private final Faults faults = new Faults();
    private final PolicyId id;

    private CiliumPolicyReader(PolicyId id) {
        this.id = id;
    }

    static ReadPolicy read(PolicyId id, Field object) {
        return new CiliumPolicyReader(id).read(object);
    }

    private ReadPolicy read(Field object) {
        Field spec = object.get("spec");
        if (!spec.present()) {
            faults.add(
                    object.get("specs").present()
                            ? "specs: this field is not supported; write one policy for each"
                            : "spec: is missing");
            return new ReadPolicy(id, Optional.empty(), faults.texts());
        }
        Optional<Selector> subject = faults.attempt(() -> subject(spec));
        if (subject.isEmpty()) {
            return new ReadPolicy(id, Optional.empty(), faults.texts());
        }
        faults.attempt(() -> object.only("apiVersion", "kind", "metadata", "spec", "status"));
        faults.attempt(() -> spec.only(
                "endpointSelector", "ingress", "egress", "ingressDeny", "egressDeny", "description", "labels"));
        var policy = new NetworkPolicy(
                id,
                new Peer.Pods(new NamespaceMatch.Named(id.namespace()), subject.get()),
                rules(spec, "ingress", "from"),
                rules(spec, "egress", "to"),
                NetworkPolicyReader.asksForSecurityGroup(object));
        return new ReadPolicy(id, Optional.of(policy), faults.texts());
    }

    private Selector subject(Field spec) {
        Field selector = spec.get("endpointSelector");
        if (!selector.present()) {
            throw new Unreadable(selector, "is missing");
        }
        var read = CiliumSelectors.read(selector, id.namespace());
        boolean own = read.namespaces().equals(new NamespaceMatch.Named(id.namespace()));
        if (!own) {
            throw new Unreadable(selector, "a policy selects pods of its own namespace only");
        }
        return read.pods();
    }

    /** A direction with any rule is isolated; deny rules are not supported, so next to them nothing is allowed. */
    private Optional<List<PolicyRule>> rules(Field spec, String direction, String prefix) {
        Field denied = spec.get(direction + "Deny");
        Optional<List<Field>> list = faults.attempt(() -> spec.get(direction).list());
        if (list.isEmpty()) {
            return Optional.of(List.of());
        }
        if (denied.present() && !denied.value().equals(List.of())) {
            faults.add(denied.path() + ": this field is not supported; nothing is allowed in this direction");
            return Optional.of(List.of());
        }
        if (list.get().isEmpty()) {
            return Optional.empty();
        }
        List<PolicyRule> out = new ArrayList<>();
        for (int i = 0; i < list.get().size(); i++) {
            int index = i;
            Field rule = list.get().get(i);
            faults.attempt(() -> rule(index, rule, prefix)).ifPresent(out::addAll);
        }
        return Optional.of(out);
    }

    private List<PolicyRule> rule(int index, Field rule, String prefix) {
        rule.only(prefix + "Endpoints", prefix + "Entities", prefix + "CIDR", prefix + "CIDRSet", "toPorts");
        Field endpoints = rule.get(prefix + "Endpoints");
        Field entities = rule.get(prefix + "Entities");
        Field cidrs = rule.get(prefix + "CIDR");
        Field cidrSets = rule.get(prefix + "CIDRSet");
        List<Field> all = List.of(endpoints, entities, cidrs, cidrSets);
        boolean anyPeers = all.stream().anyMatch(Field::present);
        boolean emptyList =
                all.stream().anyMatch(list -> list.present() && list.list().isEmpty());
        List<Peer> peers = new ArrayList<>();
        peers.addAll(faults.each(endpoints.list(), selector -> CiliumSelectors.read(selector, id.namespace())));
        faults.each(entities.list(), CiliumPolicyReader::entity).forEach(peers::addAll);
        peers.addAll(faults.each(cidrs.list(), cidr -> new Peer.Block(Scalars.blockOrAddress(cidr), List.of())));
        peers.addAll(faults.each(cidrSets.list(), CiliumPolicyReader::cidrSet));
        boolean anyPorts = !rule.get("toPorts").list().isEmpty();
        if (emptyList || !anyPeers && !anyPorts) {
            return List.of();
        }
        List<Peer> meant = anyPeers ? peers : List.of(new Peer.Everybody());
        if (!anyPorts) {
            return List.of(new PolicyRule(index, meant, List.of(new PortMatch.Any()), List.of()));
        }
        List<PolicyRule> out = new ArrayList<>();
        for (Field ports : rule.get("toPorts").list()) {
            faults.attempt(() -> CiliumPorts.read(ports, faults))
                    .ifPresent(read -> out.add(new PolicyRule(index, meant, read.ports(), read.http())));
        }
        return out;
    }

    private static List<Peer> entity(Field entity) {
        return switch (entity.text()) {
            case "all" -> List.of(new Peer.Everybody());
            case "none" -> List.of();
            case "world" -> List.of(new Peer.World(Optional.empty()));
            case "world-ipv4" -> List.of(new Peer.World(Optional.of(Family.IPV4)));
            case "world-ipv6" -> List.of(new Peer.World(Optional.of(Family.IPV6)));
            case "cluster" ->
                List.of(
                        new Peer.Pods(new NamespaceMatch.Labelled(Selector.ALL), Selector.ALL),
                        new Peer.Nodes(Selector.ALL));
            // The pod's own node always passes.
            case "host" -> List.of();
            case "remote-node" -> List.of(new Peer.Nodes(Selector.ALL));
            default ->
                throw new Unreadable(
                        entity,
                        entity.shown() + " is not supported; all, world, world-ipv4, world-ipv6, cluster, host, "
                                + "remote-node and none are");
        };
    }

    private static Peer cidrSet(Field set) {
        set.only("cidr", "except");
        Cidr cidr = Scalars.block(set.get("cidr"));
        List<Cidr> except =
                set.get("except").list().stream().map(Scalars::block).toList();
        return set.as(_ -> new Peer.Block(cidr, except));
    }
}
