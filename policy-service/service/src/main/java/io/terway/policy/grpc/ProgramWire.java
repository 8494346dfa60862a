package io.terway.policy.grpc;

import io.terway.policy.NodePrograms;
import io.terway.policy.PolicyId;
import io.terway.policy.PortMatch;
import io.terway.policy.Program;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Rule;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Programs as messages. A program's id is a digest of its contents, so equal programs are sent once. */
final class ProgramWire {

    private ProgramWire() {}

    static io.terway.wire.policy.v1.Program of(Program program) {
        var out = io.terway.wire.policy.v1.Program.newBuilder();
        out.setDirection(
                switch (program.direction()) {
                    case INGRESS -> Direction.INGRESS;
                    case EGRESS -> Direction.EGRESS;
                });
        program.policies().stream().map(PolicyId::toString).forEach(out::addPolicies);
        program.rules().forEach(rule -> out.addRules(rule(rule)));
        byte[] contents = out.build().toByteArray();
        return out.setId(digest(contents)).build();
    }

    static PodPrograms of(NodePrograms.Bound bound, String ingress, String egress) {
        return PodPrograms.newBuilder()
                .setPod(Pod.newBuilder()
                        .setNamespace(bound.pod().namespace())
                        .setName(bound.pod().name())
                        .setUid(bound.uid()))
                .setIngressProgram(ingress)
                .setEgressProgram(egress)
                .build();
    }

    private static Rule rule(Program.Rule rule) {
        var out = Rule.newBuilder()
                .setPolicy(rule.source().policy().toString())
                .setIndex(rule.source().rule())
                .setAnyPeer(rule.anyPeer())
                .setAnyPort(rule.anyPort());
        rule.peers().forEach(block -> out.addPeers(block.toString()));
        for (PortMatch.Range range : rule.ports()) {
            out.addPorts(Port.newBuilder()
                    .setProtocol(range.protocol().name())
                    .setFirst(range.first())
                    .setLast(range.last()));
        }
        return out.build();
    }

    private static String digest(byte[] contents) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(contents);
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
