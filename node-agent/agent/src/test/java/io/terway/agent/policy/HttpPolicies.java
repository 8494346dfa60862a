package io.terway.agent.policy;

import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.HeaderMatch;
import io.terway.wire.policy.v1.HttpRule;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.Rule;

/** Policies with HTTP rules, as policy-service sends them. */
final class HttpPolicies {

    static final int PORT = 8080;

    /** The guide's example. */
    static final HttpRule READ =
            HttpRule.newBuilder().setMethod("GET").setPath("/api/v1/.*").build();

    static final HttpRule ORDER = HttpRule.newBuilder()
            .setMethod("POST")
            .setPath("/api/v1/orders")
            .addHeaders(HeaderMatch.newBuilder().setName("Content-Type").setValue("application/json"))
            .build();

    private HttpPolicies() {}

    /** Whoever it is may ask this of the port. */
    static Program program(String id, Direction direction, int port, HttpRule... requests) {
        Rule.Builder rule = Rule.newBuilder()
                .setPolicy(Updates.NAMESPACE + "/api")
                .setAnyPeer(true)
                .addPorts(Port.newBuilder().setProtocol("TCP").setFirst(port).setLast(port));
        for (HttpRule request : requests) {
            rule.addHttp(request);
        }
        return Program.newBuilder()
                .setId(id)
                .setDirection(direction)
                .setIsolated(true)
                .addPolicies(Updates.NAMESPACE + "/api")
                .addRules(rule)
                .build();
    }

    /** The pod "server" takes these requests on 8080, and nothing else. */
    static PolicyUpdate serverTakes(String id, HttpRule... requests) {
        return Updates.full()
                .addPrograms(program(id, Direction.INGRESS, PORT, requests))
                .addPods(Updates.pod("server", id, ""))
                .build();
    }
}
