package io.terway.agent.policy;

import io.terway.agent.apply.OneNode;
import io.terway.agent.apply.TaggedVpc;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.wire.policy.v1.Direction;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP rules whatever the datapath is, with the routes, tags and ENIs of each; {@link GuestPolicyLaws} has two more. */
class EveryDatapathHttpPrivilegedIT {

    private static final List<Cidr> POD_CIDRS =
            List.of(Cidr.parse("192.168.7.0/24"), Cidr.parse("fd00:192:168:7::/64"));

    /** By its name in the configuration's words. */
    enum Kind {
        SHARED_ENI(new Connection.PolicyRoute(OneNode.ENI)),
        TRUNK_TAG(TaggedVpc.MEMBER_OF_TRUNK),
        VPC_ROUTE(new Connection.VpcRoute(POD_CIDRS)),
        EXCLUSIVE_ENI(new Connection.ExclusiveEni(OneNode.ENI, true));

        private final Connection connection;

        Kind(Connection connection) {
            this.connection = connection;
        }
    }

    @TempDir
    private Path state;

    private PolicedNode policed;

    @AfterEach
    void leaveNothing() {
        if (policed != null) {
            policed.close();
        }
    }

    private PodAttachment pod(Kind kind) throws Exception {
        if (kind == Kind.TRUNK_TAG) {
            TaggedVpc.requireBpf();
        }
        boolean routed = kind == Kind.VPC_ROUTE;
        policed = new PolicedNode(state, routed ? POD_CIDRS : List.of(), below -> below);
        PodAttachment plain = policed.node.pod("server", 11);
        List<Ip> addresses =
                routed ? POD_CIDRS.stream().map(cidr -> cidr.network().plus(11)).toList() : plain.addresses();
        PodAttachment pod = new PodAttachment(
                plain.key(), plain.pod(), plain.netns(), addresses, kind.connection, plain.mtu(), Reach.NOTHING);
        switch (kind) {
            case TRUNK_TAG -> TaggedVpc.speakTaggedOnly(policed.node, pod);
            case VPC_ROUTE -> POD_CIDRS.forEach(policed.node::routeToNode);
            case SHARED_ENI, EXCLUSIVE_ENI -> {}
        }
        policed.connect("server", pod);
        return pod;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void requestsToThePodAndOfItAreJudged(Kind kind) throws Exception {
        PodAttachment pod = pod(kind);

        policed.say(Updates.difference(2)
                .addPrograms(HttpPolicies.program("b2", Direction.INGRESS, HttpPolicies.PORT, HttpPolicies.READ))
                .addPrograms(HttpPolicies.program("e2", Direction.EGRESS, HttpPolicies.PORT, HttpPolicies.READ))
                .addPods(Updates.pod("server", "b2", "e2"))
                .build());

        new GuestTraffic(policed.node, pod).requestsAreJudged();
    }
}
