package io.terway.policy.read;

import io.terway.policy.ClusterPolicy;
import io.terway.policy.ClusterPolicy.Action;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import io.terway.policy.PolicyId;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads one ClusterNetworkPolicy of policy.networking.k8s.io/v1alpha2. It fails closed as that API says: an Accept rule
 * with an unreadable part matches nothing, any other becomes a rule that denies everything.
 */
final class ClusterPolicyReader {

    private static final int LAST_PRIORITY = 1_000;

    private final Faults faults = new Faults();
    private final PolicyId id;

    private ClusterPolicyReader(PolicyId id) {
        this.id = id;
    }

    static ReadPolicy read(PolicyId id, Field object) {
        return new ClusterPolicyReader(id).read(object.get("spec"));
    }

    private ReadPolicy read(Field spec) {
        Optional<Peer.Pods> subject = faults.attempt(() -> pods(spec.get("subject")));
        if (subject.isEmpty()) {
            return new ReadPolicy(id, Optional.empty(), faults.texts());
        }
        faults.attempt(() -> spec.only("tier", "priority", "subject", "ingress", "egress"));
        // In an unknown place the rules could hide others: they count as the last of the first tier, and only deny.
        Optional<ClusterPolicy.Tier> tier = faults.attempt(() -> tier(spec.get("tier")));
        Optional<Integer> priority = faults.attempt(() -> priority(spec.get("priority")));
        boolean placed = tier.isPresent() && priority.isPresent();
        var policy = new ClusterPolicy(
                id,
                tier.orElse(ClusterPolicy.Tier.ADMIN),
                priority.orElse(LAST_PRIORITY),
                subject.get(),
                rules(spec.get("ingress"), "from", placed),
                rules(spec.get("egress"), "to", placed));
        return new ReadPolicy(id, Optional.of(policy), faults.texts());
    }

    private static ClusterPolicy.Tier tier(Field tier) {
        return switch (tier.text()) {
            case "Admin" -> ClusterPolicy.Tier.ADMIN;
            case "Baseline" -> ClusterPolicy.Tier.BASELINE;
            default -> throw new Unreadable(tier, "'" + tier.text() + "' is none of Admin, Baseline");
        };
    }

    private static int priority(Field priority) {
        int number = priority.number();
        if (number < 0 || number > LAST_PRIORITY) {
            throw new Unreadable(priority, number + " is not in 0.." + LAST_PRIORITY);
        }
        return number;
    }

    private List<ClusterPolicy.TierRule> rules(Field list, String peersKey, boolean placed) {
        List<ClusterPolicy.TierRule> out = new ArrayList<>();
        Optional<List<Field>> rules = faults.attempt(list::list);
        if (rules.isEmpty()) {
            return List.of(denyAll(0));
        }
        for (int i = 0; i < rules.get().size(); i++) {
            int index = i;
            Field rule = rules.get().get(i);
            Optional<ClusterPolicy.TierRule> read =
                    placed ? faults.attempt(() -> rule(index, rule, peersKey)) : Optional.empty();
            read.ifPresentOrElse(out::add, () -> {
                if (!(placed && "Accept".equals(action(rule)))) {
                    out.add(denyAll(index));
                }
            });
        }
        return out;
    }

    private static Object action(Field rule) {
        return rule.value() instanceof java.util.Map<?, ?> members ? members.get("action") : null;
    }

    private static ClusterPolicy.TierRule denyAll(int index) {
        return new ClusterPolicy.TierRule(
                index, Action.DENY, List.of(new Peer.Everybody()), List.of(new PortMatch.Any()));
    }

    private static ClusterPolicy.TierRule rule(int index, Field rule, String peersKey) {
        rule.only("name", "action", peersKey, "protocols");
        Field action = rule.get("action");
        Action what = switch (action.text()) {
            case "Accept" -> Action.ACCEPT;
            case "Deny" -> Action.DENY;
            case "Pass" -> Action.PASS;
            default -> throw new Unreadable(action, "'" + action.text() + "' is none of Accept, Deny, Pass");
        };
        List<Field> peerList = rule.get(peersKey).list();
        if (peerList.isEmpty()) {
            throw new Unreadable(rule.get(peersKey), "needs at least one peer");
        }
        List<Peer> peers = new ArrayList<>();
        peerList.forEach(peer -> peers.addAll(peersKey.equals("to") ? egressPeer(peer) : List.of(pods(peer))));
        List<Field> portList = rule.get("protocols").list();
        List<PortMatch> ports = new ArrayList<>();
        portList.forEach(port -> ports.addAll(ports(port)));
        boolean named = ports.stream().anyMatch(PortMatch.Named.class::isInstance);
        if (named && !peers.stream().allMatch(Peer.Pods.class::isInstance)) {
            throw new Unreadable(rule.get("protocols"), "a named port has no meaning for networks and nodes");
        }
        return new ClusterPolicy.TierRule(
                index, what, peers, portList.isEmpty() ? List.of(new PortMatch.Any()) : ports);
    }

    private static List<? extends Peer> egressPeer(Field peer) {
        if (peer.get("networks").present()) {
            one(peer);
            List<Field> networks = peer.get("networks").list();
            if (networks.isEmpty()) {
                throw new Unreadable(peer.get("networks"), "needs at least one network");
            }
            return networks.stream()
                    .map(network -> new Peer.Block(Scalars.block(network), List.of()))
                    .toList();
        }
        if (peer.get("nodes").present()) {
            one(peer);
            return List.of(new Peer.Nodes(Selectors.read(peer.get("nodes"))));
        }
        return List.of(pods(peer));
    }

    /** Subject or peer: pods of namespaces, or pods by both selectors. */
    private static Peer.Pods pods(Field peer) {
        peer.only("namespaces", "pods");
        one(peer);
        if (peer.get("namespaces").present()) {
            return new Peer.Pods(new NamespaceMatch.Labelled(Selectors.read(peer.get("namespaces"))), Selector.ALL);
        }
        Field pods = peer.get("pods").only("namespaceSelector", "podSelector");
        if (!pods.get("podSelector").present()) {
            throw new Unreadable(pods.get("podSelector"), "is missing");
        }
        return new Peer.Pods(
                new NamespaceMatch.Labelled(Selectors.read(pods.get("namespaceSelector"))),
                Selectors.read(pods.get("podSelector")));
    }

    /** Exactly one member is set; none means that the API is newer than we are. */
    private static void one(Field union) {
        long set =
                union.map().values().stream().filter(java.util.Objects::nonNull).count();
        if (set != 1) {
            throw new Unreadable(union, "needs exactly one known field, has " + set);
        }
    }

    private static List<PortMatch> ports(Field port) {
        port.only("tcp", "udp", "sctp", "destinationNamedPort");
        one(port);
        Field name = port.get("destinationNamedPort");
        List<PortMatch> out = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            Field part = port.get(protocol.name().toLowerCase(Locale.ROOT));
            if (name.present()) {
                out.add(Scalars.named(name, protocol, name.text()));
            } else if (part.present()) {
                out.add(port(part.only("destinationPort").get("destinationPort"), protocol));
            }
        }
        return out;
    }

    private static PortMatch port(Field port, Protocol protocol) {
        if (!port.present()) {
            return new PortMatch.Every(protocol);
        }
        port.only("number", "range");
        one(port);
        Field range = port.get("range");
        if (!range.present()) {
            int number = port.get("number").number();
            return Scalars.range(port, protocol, number, number);
        }
        range.only("start", "end");
        int start = range.get("start").number();
        int end = range.get("end").number();
        if (start >= end) {
            throw new Unreadable(range, "start " + start + " must be below end " + end);
        }
        return Scalars.range(range, protocol, start, end);
    }
}
