package io.terway.agent.policy;

import com.google.protobuf.ByteString;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.Elements;
import io.terway.wire.policy.v1.IsolationIndex;
import io.terway.wire.policy.v1.PeerSet;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.Rule;
import io.terway.wire.policy.v1.SetKind;
import io.terway.wire.policy.v1.SetUpdate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Messages of policy-service and pods of the node, as tests need them. */
final class Updates {

    static final String NAMESPACE = "shop";

    private Updates() {}

    /** The whole state: this namespace is under policy. */
    static PolicyUpdate.Builder full() {
        return PolicyUpdate.newBuilder()
                .setRevision(1)
                .setFull(true)
                .setIndex(IsolationIndex.newBuilder().addNamespaces(NAMESPACE));
    }

    static PolicyUpdate.Builder difference(long revision) {
        return PolicyUpdate.newBuilder().setRevision(revision);
    }

    static SetUpdate set(String id, boolean full, List<String> add, List<String> remove) {
        return SetUpdate.newBuilder()
                .setId(id)
                .setKind(SetKind.ADDRESSES)
                .setFull(full)
                .setAdd(elements(add))
                .setRemove(elements(remove))
                .build();
    }

    private static Elements elements(List<String> addresses) {
        Elements.Builder out = Elements.newBuilder();
        for (String address : addresses) {
            Ip ip = Ip.parse(address);
            switch (ip.family()) {
                case IPV4 -> out.addIpv4((int) ip.low());
                case IPV6 -> out.addIpv6(ByteString.copyFrom(ip.bytes()));
            }
        }
        return out.build();
    }

    /** Isolates; TCP to these ports is open for the set. */
    static Program program(String id, Direction direction, String set, int... ports) {
        Program.Builder program = Program.newBuilder()
                .setId(id)
                .setDirection(direction)
                .setIsolated(true)
                .addPolicies(NAMESPACE + "/policy");
        if (ports.length > 0) {
            Rule.Builder rule = Rule.newBuilder()
                    .setPolicy(NAMESPACE + "/policy")
                    .addPeerSets(PeerSet.newBuilder().setSet(set));
            Arrays.stream(ports)
                    .forEach(p -> rule.addPorts(
                            Port.newBuilder().setProtocol("TCP").setFirst(p).setLast(p)));
            program.addRules(rule);
        }
        return program.build();
    }

    static PodPrograms pod(String name, String ingress, String egress) {
        return PodPrograms.newBuilder()
                .setPod(Pod.newBuilder().setNamespace(NAMESPACE).setName(name).setUid("uid-" + name))
                .setIngressProgram(ingress)
                .setEgressProgram(egress)
                .build();
    }

    /** The sandbox of a pod of that name. */
    static Binding binding(String name, String... addresses) {
        return binding(name, Path.of("/run/netns/" + name), addresses);
    }

    static Binding binding(String name, Path netns, String... addresses) {
        EniId eni = new EniId("eni-a");
        return new Binding(
                new SandboxKey("terway", "sandbox-" + name, "eth0"),
                new PodLife(new PodRef(NAMESPACE, name), "uid-" + name),
                netns,
                Arrays.stream(addresses)
                        .map(a -> new HeldAddress(Ip.parse(a), eni))
                        .toList(),
                false,
                new BootTime("b0071d00-0000-4000-8000-000000000001", Duration.ZERO),
                1);
    }
}
