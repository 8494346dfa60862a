package io.terway.node.policy;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import java.util.List;
import java.util.Map;

/** Small policies that tests share. */
final class Policies {

    private Policies() {}

    /** One pod, 10.0.0.1, whose port 80 is open for a set. */
    static NodePolicy ingressFrom(PolicySet set) {
        ProgramRule rule = new ProgramRule(
                "ns/web",
                0,
                Action.ACCEPT,
                false,
                List.of(PeerMatch.in(set.id())),
                false,
                List.of(new PortSpan(Transport.TCP, 80, 80)),
                List.of());
        PolicyProgram program = new PolicyProgram(
                "b0", Direction.INGRESS, List.of(), true, List.of(rule), List.of(), List.of("ns/web"));
        PodPolicy pod = new PodPolicy(
                new PodLife(new PodRef("ns", "web"), "uid"),
                List.of(Ip.parse("10.0.0.1")),
                new Hold.ByProgram("b0"),
                new Hold.Free());
        return new NodePolicy(Map.of(set.id(), set), Map.of("b0", program), List.of(pod));
    }
}
