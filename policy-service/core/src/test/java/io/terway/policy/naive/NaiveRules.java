package io.terway.policy.naive;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.Probe;
import io.terway.policy.read.Field;
import java.util.ArrayList;
import java.util.List;

/** NetworkPolicy, read off the page. */
final class NaiveRules {

    private final NaiveCluster cluster;

    NaiveRules(NaiveCluster cluster) {
        this.cluster = cluster;
    }

    NaiveJudge.Opinion policy(Field policy, Direction direction, Probe probe, Field pod, Ip other) {
        Field spec = policy.get("spec");
        boolean binds = (NaiveCluster.namespace(policy).equals(NaiveCluster.namespace(pod))
                        || cluster.is(Wrong.POLICY_BINDS_OTHER_NAMESPACES))
                && cluster.matches(spec.get("podSelector"), NaiveCluster.labels(pod));
        if (!cluster.readable(spec.get("podSelector"))) {
            binds = cluster.is(Wrong.UNREADABLE_SUBJECT_SELECTS_EVERYBODY);
        }
        if (!binds || !isolates(spec, direction)) {
            return new NaiveJudge.Opinion(false, false, false);
        }
        boolean ingress = direction == Direction.INGRESS;
        Field section = spec.get(ingress ? "ingress" : "egress");
        boolean allows = cluster.is(Wrong.EMPTY_SECTION_ALLOWS_ALL)
                && section.present()
                && section.list().isEmpty();
        List<Field> types = spec.get("policyTypes").list();
        boolean opens = cluster.is(Wrong.UNREADABLE_TYPE_OPENS)
                || types.stream().allMatch(NaiveRules::isType)
                || types.stream().anyMatch(type -> type.text().equals(ingress ? "Ingress" : "Egress"));
        for (Field rule : opens ? section.list() : List.<Field>of()) {
            allows |= rule(rule, rule.get(ingress ? "from" : "to"), NaiveCluster.namespace(policy), other, probe);
        }
        return new NaiveJudge.Opinion(true, allows, false);
    }

    private boolean isolates(Field spec, Direction direction) {
        boolean ingress = direction == Direction.INGRESS;
        List<Field> types = spec.get("policyTypes").list();
        Field section = spec.get(ingress ? "ingress" : "egress");
        if (cluster.is(Wrong.ISOLATION_IS_FOR_BOTH_DIRECTIONS)) {
            return true;
        }
        if (cluster.is(Wrong.MISSING_SECTION_DOES_NOT_ISOLATE) && !section.present()) {
            return false;
        }
        if (cluster.is(Wrong.SECTIONS_OVERRIDE_TYPES) && section.present()) {
            return true;
        }
        if (!types.stream().allMatch(NaiveRules::isType) && !cluster.is(Wrong.UNREADABLE_TYPE_IS_IGNORED)) {
            return true;
        }
        if (!types.isEmpty()) {
            return types.stream().anyMatch(type -> type.text().equals(ingress ? "Ingress" : "Egress"));
        }
        boolean egressRules = !spec.get("egress").list().isEmpty();
        if (ingress) {
            return !(egressRules && cluster.is(Wrong.INGRESS_IS_NOT_IMPLIED_BESIDE_EGRESS));
        }
        if (cluster.is(Wrong.EGRESS_IS_NEVER_IMPLIED) || cluster.is(Wrong.EGRESS_IS_ALWAYS_IMPLIED)) {
            return cluster.is(Wrong.EGRESS_IS_ALWAYS_IMPLIED);
        }
        return egressRules || cluster.is(Wrong.EMPTY_EGRESS_IMPLIES_EGRESS) && section.present();
    }

    private static boolean isType(Field type) {
        return type.text().equals("Ingress") || type.text().equals("Egress");
    }

    private boolean rule(Field rule, Field peers, String namespace, Ip other, Probe probe) {
        List<Field> peerList = peers.list();
        List<Field> portList = rule.get("ports").list();
        if (peerList.isEmpty() && portList.isEmpty() && cluster.is(Wrong.EMPTY_RULE_ALLOWS_NOTHING)) {
            return false;
        }
        boolean peer = peerList.isEmpty()
                ? !(cluster.is(Wrong.EMPTY_PEER_LIST_IS_NOBODY) && peers.present())
                : peers(peerList, namespace, other);
        boolean blocksOnly = !peerList.isEmpty()
                && peerList.stream().allMatch(each -> each.get("ipBlock").present());
        boolean port = portList.isEmpty()
                ? !(cluster.is(Wrong.EMPTY_PORT_LIST_IS_NO_PORT)
                        && rule.get("ports").present())
                : portList.stream().anyMatch(each -> port(each, probe, blocksOnly));
        return peer && port;
    }

    private boolean peers(List<Field> peers, String namespace, Ip other) {
        if (cluster.is(Wrong.EXCEPT_HOLDS_FOR_ALL_BLOCKS)) {
            boolean holed = peers.stream()
                    .flatMap(peer -> peer.get("ipBlock").get("except").list().stream())
                    .anyMatch(hole -> Cidr.parseMasking(hole.text()).contains(other));
            if (holed) {
                return false;
            }
        }
        return cluster.is(Wrong.PEERS_ARE_ANDED)
                ? peers.stream().allMatch(peer -> peer(peer, namespace, other))
                : peers.stream().anyMatch(peer -> peer(peer, namespace, other));
    }

    private boolean peer(Field peer, String namespace, Ip other) {
        if (peer.get("ipBlock").present()) {
            return block(peer.get("ipBlock"), other);
        }
        Field pods = peer.get("podSelector");
        Field namespaces = peer.get("namespaceSelector");
        if (!pods.present() && !namespaces.present()) {
            return cluster.is(Wrong.UNREADABLE_PEER_IS_EVERYBODY);
        }
        Field pod = cluster.peerAt(other);
        if (pod == null) {
            boolean everywhere = namespaces.present() && namespaces.map().isEmpty() && !pods.present();
            boolean node = cluster.nodeAt(other) != null;
            return everywhere
                    && (node
                            ? cluster.is(Wrong.NAMESPACE_SELECTOR_MEANS_NODES)
                            : cluster.is(Wrong.NAMESPACE_SELECTOR_MEANS_STRANGERS));
        }
        return selects(pods, namespaces, pod, namespace);
    }

    private boolean selects(Field pods, Field namespaces, Field pod, String own) {
        String namespace = NaiveCluster.namespace(pod);
        boolean podMeant = cluster.matches(pods, NaiveCluster.labels(pod));
        boolean namespaceMeant = namespaces.present()
                ? cluster.matches(namespaces, cluster.namespaceLabels(namespace))
                : namespace.equals(own) || cluster.is(Wrong.POD_SELECTOR_MEANS_ALL_NAMESPACES);
        if (namespaces.present() && cluster.is(Wrong.NAMESPACE_SELECTOR_IS_IGNORED)) {
            namespaceMeant = namespace.equals(own);
        }
        if (namespaces.present()
                && namespaces.map().isEmpty()
                && cluster.is(Wrong.EMPTY_NAMESPACE_SELECTOR_MEANS_OWN_NAMESPACE)) {
            namespaceMeant = namespace.equals(own);
        }
        if (cluster.is(Wrong.SELECTORS_OF_ONE_PEER_ARE_ORED) && pods.present() && namespaces.present()) {
            return podMeant || namespaceMeant;
        }
        return podMeant && namespaceMeant;
    }

    boolean block(Field block, Ip other) {
        Cidr cidr;
        List<Cidr> except = new ArrayList<>();
        try {
            cidr = Cidr.parseMasking(block.get("cidr").text());
            block.get("except").list().forEach(hole -> except.add(Cidr.parseMasking(hole.text())));
        } catch (IllegalArgumentException e) {
            return cluster.is(Wrong.UNREADABLE_PEER_IS_EVERYBODY);
        }
        if (cluster.is(Wrong.HOST_BITS_MAKE_A_BLOCK_EMPTY)
                && !block.get("cidr").text().equals(cidr.toString())) {
            return false;
        }
        if (cluster.is(Wrong.BLOCK_DOES_NOT_MEAN_PODS) && cluster.podAt(other) != null) {
            return false;
        }
        if (cluster.is(Wrong.BLOCK_MEANS_BOTH_FAMILIES) && cidr.prefixLength() == 0) {
            return true;
        }
        return cidr.contains(other)
                && (cluster.is(Wrong.EXCEPT_IS_IGNORED) || except.stream().noneMatch(hole -> hole.contains(other)));
    }

    private boolean port(Field port, Probe probe, boolean blocksOnly) {
        String protocol = port.get("protocol").text();
        boolean anyProtocol = protocol.isEmpty() && cluster.is(Wrong.MISSING_PROTOCOL_IS_ANY)
                || !port.get("port").present() && cluster.is(Wrong.PROTOCOL_WITHOUT_PORT_IS_ANY_PROTOCOL);
        String wanted = protocol.isEmpty() ? "TCP" : protocol;
        if (!wanted.equals(probe.protocol().name()) && !anyProtocol) {
            return false;
        }
        Field number = port.get("port");
        if (!number.present()) {
            return true;
        }
        if (number.value() instanceof String name) {
            return named(name, wanted, probe, blocksOnly);
        }
        return inside(number.number(), port.get("endPort"), probe.port());
    }

    private boolean named(String name, String protocol, Probe probe, boolean blocksOnly) {
        if (!name.matches(".*[a-z].*")) {
            return cluster.is(Wrong.UNREADABLE_PORT_IS_ANY);
        }
        if (blocksOnly && cluster.is(Wrong.NAMED_PORT_NEVER_FOR_BLOCKS)) {
            return false;
        }
        Ip holder = cluster.is(Wrong.NAMED_PORT_IS_THE_SOURCES) ? probe.from() : probe.to();
        List<Integer> numbers = cluster.numbers(cluster.podAt(holder), name, protocol);
        return numbers.contains(probe.port()) || numbers.isEmpty() && cluster.is(Wrong.UNKNOWN_NAMED_PORT_IS_ANY);
    }

    private boolean inside(int first, Field endPort, int port) {
        int last = endPort.present() && !cluster.is(Wrong.END_PORT_IS_IGNORED) ? endPort.number() : first;
        boolean exclusive = endPort.present() && cluster.is(Wrong.END_PORT_IS_EXCLUSIVE);
        return first <= port && (exclusive ? port < last : port <= last);
    }
}
