package io.terway.policy.grpc;

import com.google.protobuf.ByteString;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.policy.ClusterPolicy;
import io.terway.policy.HttpRule;
import io.terway.policy.PolicyId;
import io.terway.policy.PortMatch;
import io.terway.policy.compile.Program;
import io.terway.policy.compile.SharedProgram;
import io.terway.wire.policy.v1.Action;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.HeaderMatch;
import io.terway.wire.policy.v1.PeerSet;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Rule;

/** Programs as messages. */
final class ProgramWire {

    private static final int LAST_PORT = 65_535;

    private ProgramWire() {}

    static io.terway.wire.policy.v1.Program of(SharedProgram shared) {
        Program program = shared.program();
        var out = io.terway.wire.policy.v1.Program.newBuilder()
                .setId(shared.id())
                .setDirection(
                        switch (program.direction()) {
                            case INGRESS -> Direction.INGRESS;
                            case EGRESS -> Direction.EGRESS;
                        })
                .setIsolated(program.isolated());
        program.policies().stream().map(PolicyId::toString).forEach(out::addPolicies);
        program.admin().forEach(rule -> out.addAdmin(rule(rule)));
        program.rules().forEach(rule -> out.addRules(rule(rule)));
        program.baseline().forEach(rule -> out.addBaseline(rule(rule)));
        return out.build();
    }

    static ByteString bytes(Ip ip) {
        return ByteString.copyFrom(ip.bytes());
    }

    private static Rule rule(Program.Rule rule) {
        var out = Rule.newBuilder()
                .setPolicy(rule.source().policy().toString())
                .setIndex(rule.source().rule())
                .setAction(action(rule.action()))
                .setAnyPeer(rule.anyPeer())
                .setAnyPort(rule.anyPort());
        rule.peers().forEach(peer -> out.addPeerSets(peer(peer)));
        for (PortMatch.Range range : rule.ports()) {
            boolean all = range.first() == 1 && range.last() == LAST_PORT;
            out.addPorts(Port.newBuilder()
                    .setProtocol(range.protocol().name())
                    .setFirst(all ? 0 : range.first())
                    .setLast(all ? 0 : range.last()));
        }
        rule.http().forEach(request -> out.addHttp(http(request)));
        return out.build();
    }

    private static Action action(ClusterPolicy.Action action) {
        return switch (action) {
            case ACCEPT -> Action.ACCEPT;
            case DENY -> Action.DENY;
            case PASS -> Action.PASS;
        };
    }

    private static PeerSet peer(Program.PeerSet peer) {
        return PeerSet.newBuilder()
                .setSet(peer.set().id())
                .setOutside(peer.outside())
                .setFamily(peer.family()
                        .map(family -> family == Family.IPV4 ? 4 : 6)
                        .orElse(0))
                .build();
    }

    private static io.terway.wire.policy.v1.HttpRule http(HttpRule request) {
        var out = io.terway.wire.policy.v1.HttpRule.newBuilder()
                .setMethod(request.method())
                .setPath(request.path())
                .setHost(request.host());
        for (HttpRule.Header header : request.headers()) {
            out.addHeaders(HeaderMatch.newBuilder()
                    .setName(header.name())
                    .setValue(header.value())
                    .setPresentOnly(header.presentOnly()));
        }
        return out.build();
    }
}
