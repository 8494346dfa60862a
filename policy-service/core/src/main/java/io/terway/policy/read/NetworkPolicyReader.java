package io.terway.policy.read;

import io.terway.net.Cidr;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one NetworkPolicy. What cannot be read in a rule is left out of it and named: the pods stay isolated, so an
 * unreadable peer or port fails closed. An unreadable subject selects nobody and is refused whole.
 */
final class NetworkPolicyReader {

    /** Annotation and its value that ask for security group rules. */
    static final String ENFORCE = "network.terway.io/enforce";

    static final String SECURITY_GROUP = "security-group";

    private static final Set<String> TYPES = Set.of("Ingress", "Egress");

    private final Faults faults = new Faults();
    private final PolicyId id;

    private NetworkPolicyReader(PolicyId id) {
        this.id = id;
    }

    static ReadPolicy read(PolicyId id, Field object) {
        return new NetworkPolicyReader(id).read(object);
    }

    private ReadPolicy read(Field object) {
        Field spec = object.get("spec");
        Optional<Selector> subject = faults.attempt(() -> Selectors.read(spec.get("podSelector")));
        if (subject.isEmpty()) {
            return new ReadPolicy(id, Optional.empty(), faults.texts());
        }
        faults.attempt(() -> spec.only("podSelector", "policyTypes", "ingress", "egress"));
        List<PolicyRule> ingress = rules(spec.get("ingress"), "from");
        List<PolicyRule> egress = rules(spec.get("egress"), "to");
        Types types = types(spec);
        var policy = new NetworkPolicy(
                id,
                new Peer.Pods(new NamespaceMatch.Named(id.namespace()), subject.get()),
                types.rules("Ingress", ingress),
                types.rules("Egress", egress),
                asksForSecurityGroup(object));
        return new ReadPolicy(id, Optional.of(policy), faults.texts());
    }

    static boolean asksForSecurityGroup(Field object) {
        return SECURITY_GROUP.equals(
                object.get("metadata").get("annotations").map().get(ENFORCE));
    }

    /** @param unreadable true when some type is: it isolates both directions, and opens neither */
    private record Types(Set<String> named, boolean unreadable) {

        /** Rules of one direction; empty when the policy does not concern it. */
        Optional<List<PolicyRule>> rules(String type, List<PolicyRule> written) {
            if (named.contains(type)) {
                return Optional.of(written);
            }
            return unreadable ? Optional.of(List.of()) : Optional.empty();
        }
    }

    /** The API's own defaulting: always Ingress, and Egress when there is an egress rule. */
    private Types types(Field spec) {
        Optional<List<Field>> list =
                faults.attempt(() -> spec.get("policyTypes").list());
        if (list.isEmpty()) {
            return new Types(Set.of(), true);
        }
        List<Field> types = list.get();
        if (types.isEmpty()) {
            Object egress = spec.get("egress").value();
            boolean any = egress instanceof List<?> rules ? !rules.isEmpty() : egress != null;
            return new Types(any ? TYPES : Set.of("Ingress"), false);
        }
        Set<String> named = new HashSet<>();
        boolean unreadable = false;
        for (Field type : types) {
            if (type.value() instanceof String text && TYPES.contains(text)) {
                named.add(text);
            } else {
                faults.add(type.path() + ": " + type.shown() + " is none of Ingress, Egress");
                unreadable = true;
            }
        }
        return new Types(named, unreadable);
    }

    private List<PolicyRule> rules(Field list, String peersKey) {
        List<PolicyRule> out = new ArrayList<>();
        List<Field> rules = faults.attempt(list::list).orElse(List.of());
        for (int i = 0; i < rules.size(); i++) {
            int index = i;
            Field rule = rules.get(i);
            faults.attempt(() -> rule(index, rule.only(peersKey, "ports"), rule.get(peersKey)))
                    .ifPresent(out::add);
        }
        return out;
    }

    private PolicyRule rule(int index, Field rule, Field peers) {
        // An empty list means everybody; a list whose every element was unreadable must not become that.
        List<Field> peerList = peers.list();
        List<Field> portList = rule.get("ports").list();
        return new PolicyRule(
                index,
                peerList.isEmpty() ? List.of(new Peer.Everybody()) : faults.each(peerList, this::peer),
                portList.isEmpty() ? List.of(new PortMatch.Any()) : faults.each(portList, NetworkPolicyReader::port),
                List.of());
    }

    private Peer peer(Field peer) {
        peer.only("podSelector", "namespaceSelector", "ipBlock");
        Field block = peer.get("ipBlock");
        Field pods = peer.get("podSelector");
        Field namespaces = peer.get("namespaceSelector");
        boolean selects = pods.present() || namespaces.present();
        if (block.present()) {
            if (selects) {
                throw new Unreadable(peer, "has an ipBlock and a selector; use two peers");
            }
            block.only("cidr", "except");
            Cidr cidr = Scalars.block(block.get("cidr"));
            List<Cidr> except =
                    block.get("except").list().stream().map(Scalars::block).toList();
            return block.as(_ -> new Peer.Block(cidr, except));
        }
        if (!selects) {
            throw new Unreadable(peer, "names no peer; it needs podSelector, namespaceSelector or ipBlock");
        }
        NamespaceMatch where = namespaces.present()
                ? new NamespaceMatch.Labelled(Selectors.read(namespaces))
                : new NamespaceMatch.Named(id.namespace());
        return new Peer.Pods(where, Selectors.read(pods));
    }

    private static PortMatch port(Field port) {
        port.only("protocol", "port", "endPort");
        Protocol protocol = Scalars.protocol(port.get("protocol"));
        Field value = port.get("port");
        Field last = port.get("endPort");
        if (!value.present()) {
            if (last.present()) {
                throw new Unreadable(last, "needs a port");
            }
            return new PortMatch.Every(protocol);
        }
        if (value.value() instanceof String name) {
            if (last.present()) {
                throw new Unreadable(last, "needs a numeric port");
            }
            return Scalars.named(value, protocol, name);
        }
        return Scalars.range(port, protocol, value.number(), last.present() ? last.number() : value.number());
    }
}
