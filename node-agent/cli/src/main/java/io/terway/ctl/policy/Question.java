package io.terway.ctl.policy;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.policy.Evaluator;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import io.terway.policy.Probe;
import io.terway.policy.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One probe as people ask it: ends by name or address, the family perhaps left open.
 *
 * @param where names the probe in complaints
 * @param family empty: IPv4 where both ends have it
 * @param reply asks about the packets that come back; they share the connection's verdict
 */
record Question(String where, End from, End to, Protocol protocol, int port, Optional<Family> family, boolean reply) {

    /** One end. */
    sealed interface End {
        record Pod(PodRef ref) implements End {}

        record Address(Ip ip) implements End {}
    }

    /** The connection that is meant; empty when the ends share no family. */
    Optional<Probe> probe(PolicyCluster cluster) {
        List<Ip> sources = addresses(cluster, from);
        List<Ip> destinations = addresses(cluster, to);
        return Stream.of(Family.IPV4, Family.IPV6)
                .filter(candidate -> family.map(candidate::equals).orElse(true))
                .flatMap(candidate -> Stream.ofNullable(probe(candidate, sources, destinations)))
                .findFirst();
    }

    Answer answer(PolicyCluster cluster, Evaluator evaluator) {
        return probe(cluster)
                .<Answer>map(probe -> new Answer.Judged(probe, evaluator.judge(probe)))
                .orElseGet(() -> new Answer.Unroutable(why(cluster)));
    }

    private Probe probe(Family candidate, List<Ip> sources, List<Ip> destinations) {
        Optional<Ip> source = first(candidate, sources);
        Optional<Ip> destination = first(candidate, destinations);
        return source.isPresent() && destination.isPresent()
                ? new Probe(source.get(), destination.get(), protocol, port)
                : null;
    }

    private static Optional<Ip> first(Family family, List<Ip> addresses) {
        return addresses.stream().filter(ip -> ip.family() == family).findFirst();
    }

    private List<Ip> addresses(PolicyCluster cluster, End end) {
        return switch (end) {
            case End.Address address -> List.of(address.ip());
            case End.Pod pod -> {
                PolicyPod found = find(cluster, pod.ref());
                if (found.finished()) {
                    yield List.of();
                }
                yield found.hostNetwork() && found.ips().isEmpty() ? nodeOf(cluster, found) : found.ips();
            }
        };
    }

    private static List<Ip> nodeOf(PolicyCluster cluster, PolicyPod pod) {
        return cluster.nodes().stream()
                .filter(node -> pod.node().equals(Optional.of(node.name())))
                .map(PolicyNode::addresses)
                .findFirst()
                .orElse(List.of());
    }

    private PolicyPod find(PolicyCluster cluster, PodRef ref) {
        return cluster.pods().stream()
                .filter(pod -> pod.ref().equals(ref))
                .findFirst()
                .orElseThrow(() -> new BadInput(where + ": there is no pod " + ref));
    }

    private String why(PolicyCluster cluster) {
        return Stream.of(from, to)
                .filter(end -> addresses(cluster, end).isEmpty())
                .map(end -> end + " has no address")
                .findFirst()
                .orElse("the ends share no address family"
                        + family.map(wanted -> " (" + wanted + " is asked for)").orElse(""));
    }
}
