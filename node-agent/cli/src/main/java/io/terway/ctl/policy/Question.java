package io.terway.ctl.policy;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.policy.Evaluator;
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
    Optional<Probe> probe(Directory directory) {
        List<Ip> sources = addresses(directory, from);
        List<Ip> destinations = addresses(directory, to);
        return Stream.of(Family.IPV4, Family.IPV6)
                .filter(candidate -> family.map(candidate::equals).orElse(true))
                .flatMap(candidate -> Stream.ofNullable(probe(candidate, sources, destinations)))
                .findFirst();
    }

    Answer answer(Directory directory, Evaluator evaluator) {
        Optional<String> unreadable = Stream.of(from, to)
                .flatMap(end -> unreadable(directory, end).stream())
                .findFirst();
        if (unreadable.isPresent()) {
            return new Answer.Unroutable(unreadable.get());
        }
        return probe(directory)
                .<Answer>map(probe -> new Answer.Judged(probe, evaluator.judge(probe)))
                .orElseGet(() -> new Answer.Unroutable(why(directory)));
    }

    private static Optional<String> unreadable(Directory directory, End end) {
        return switch (end) {
            case End.Pod(PodRef ref) ->
                Optional.ofNullable(directory.unreadable().get(ref))
                        .map(why -> "pod " + ref + " cannot be read: " + why);
            case End.Address(Ip ip) ->
                Optional.ofNullable(directory.strange().get(ip))
                        .map(why -> ip + " is of a pod that cannot be read: " + why);
        };
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

    private List<Ip> addresses(Directory directory, End end) {
        return switch (end) {
            case End.Address address -> List.of(address.ip());
            case End.Pod pod -> {
                PolicyPod found = find(directory, pod.ref());
                if (found.finished()) {
                    yield List.of();
                }
                yield found.hostNetwork() && found.ips().isEmpty() ? nodeOf(directory, found) : found.ips();
            }
        };
    }

    private static List<Ip> nodeOf(Directory directory, PolicyPod pod) {
        return pod.node().map(directory.nodes()::get).map(PolicyNode::addresses).orElse(List.of());
    }

    private PolicyPod find(Directory directory, PodRef ref) {
        PolicyPod found = directory.pods().get(ref);
        if (found == null) {
            throw new BadInput(where + ": there is no pod " + ref);
        }
        return found;
    }

    private String why(Directory directory) {
        return Stream.of(from, to)
                .filter(end -> addresses(directory, end).isEmpty())
                .map(end -> "pod " + VerdictText.end(end) + " has no address")
                .findFirst()
                .orElse("the ends share no address family"
                        + family.map(wanted -> " (IPv" + (wanted == Family.IPV4 ? 4 : 6) + " is asked for)")
                                .orElse(""));
    }
}
