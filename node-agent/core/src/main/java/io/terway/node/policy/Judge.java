package io.terway.node.policy;

import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says in Java what the table says in the kernel: for the connections a change forbids, for HTTP requests, for the names
 * behind a dropped packet.
 */
public final class Judge {

    private static final List<String> UNKNOWN = List.of("isolated until its program is known");

    private final NodePolicy policy;
    private final Map<Ip, PodPolicy> pods = new HashMap<>();

    public Judge(NodePolicy policy) {
        this.policy = policy;
        for (PodPolicy pod : policy.pods()) {
            pod.addresses().forEach(ip -> pods.put(ip, pod));
        }
    }

    /** The pod of this node with this address. */
    public Optional<PodPolicy> pod(Ip ip) {
        return Optional.ofNullable(pods.get(ip));
    }

    /** What one side says; the other end must not be the node itself, which always passes. */
    public Judgement judge(Direction direction, Flow flow) {
        Ip own = direction == Direction.INGRESS ? flow.to() : flow.from();
        Ip other = direction == Direction.INGRESS ? flow.from() : flow.to();
        PodPolicy pod = pods.get(own);
        if (pod == null || own.equals(other)) {
            return new Judgement.Accepted("");
        }
        return switch (pod.hold(direction)) {
            case Hold.Free() -> new Judgement.Accepted("");
            case Hold.Isolated() -> new Judgement.Denied(UNKNOWN);
            case Hold.ByProgram(String id) -> judge(policy.programs().get(id), other, flow);
        };
    }

    private Judgement judge(PolicyProgram program, Ip other, Flow flow) {
        for (ProgramRule rule : program.admin()) {
            if (matches(rule, other, flow) && rule.action() != Action.PASS) {
                return decided(rule);
            }
            if (matches(rule, other, flow)) {
                break;
            }
        }
        if (program.isolated()) {
            return allowed(program, other, flow);
        }
        for (ProgramRule rule : program.baseline()) {
            if (matches(rule, other, flow)) {
                return rule.action() == Action.PASS ? new Judgement.Accepted("") : decided(rule);
            }
        }
        return new Judgement.Accepted("");
    }

    private Judgement allowed(PolicyProgram program, Ip other, Flow flow) {
        List<ProgramRule> byRequest = new ArrayList<>();
        for (ProgramRule rule : program.rules()) {
            if (matches(rule, other, flow)) {
                if (rule.http().isEmpty()) {
                    return new Judgement.Accepted(rule.name());
                }
                byRequest.add(rule);
            }
        }
        return byRequest.isEmpty() ? new Judgement.Denied(program.policies()) : new Judgement.ByRequest(byRequest);
    }

    private static Judgement decided(ProgramRule rule) {
        return rule.action() == Action.DENY
                ? new Judgement.Denied(List.of(rule.name()))
                : new Judgement.Accepted(rule.name());
    }

    private boolean matches(ProgramRule rule, Ip other, Flow flow) {
        boolean port = rule.anyPort()
                || Transport.of(flow.protocol())
                        .filter(transport ->
                                rule.ports().stream().anyMatch(span -> span.contains(transport, flow.port())))
                        .isPresent();
        return port && (rule.anyPeer() || rule.peers().stream().anyMatch(peer -> matches(peer, other, flow)));
    }

    private boolean matches(PeerMatch peer, Ip other, Flow flow) {
        return peer.families().contains(other.family())
                && policy.sets().get(peer.set()).holds(other, flow) != peer.outside();
    }
}
