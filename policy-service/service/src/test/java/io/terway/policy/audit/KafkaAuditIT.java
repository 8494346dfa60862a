package io.terway.policy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.terway.link.AuditTopic;
import io.terway.policy.grpc.ApiModel;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.PolicyGrpc;
import io.terway.wire.policy.v1.ReportRequest;
import java.util.Collections;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Reports of agents into a real broker, by configuration alone. */
@QuarkusTest
@TestProfile(KafkaAuditIT.ToKafka.class)
@QuarkusTestResource(value = ApiModel.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = KafkaResource.class, restrictToAnnotatedClass = true)
class KafkaAuditIT {

    /** A run of its own, as the broker's address is a setting. */
    public static final class ToKafka implements QuarkusTestProfile {}

    private static final Denial DENIAL = Denial.newBuilder()
            .setDirection(Direction.EGRESS)
            .setFrom(DenialEnd.newBuilder()
                    .setAddress("10.0.0.1")
                    .setPod(Pod.newBuilder().setNamespace("shop").setName("web")))
            .setTo(DenialEnd.newBuilder().setAddress("192.0.2.1"))
            .setProtocol(6)
            .setPort(443)
            .addPolicies("shop/restrict")
            .setCount(2)
            .build();

    @Test
    void whatAgentsReportIsALineForEach() {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        try {
            var agent = PolicyGrpc.newBlockingStub(channel);

            agent.report(ReportRequest.newBuilder()
                    .setNodeName("n1")
                    .addAllDenials(Collections.nCopies(1_000, DENIAL))
                    .setLost(7)
                    .build());

            var tooMany = ReportRequest.newBuilder()
                    .setNodeName("n1")
                    .addAllDenials(Collections.nCopies(1_001, DENIAL))
                    .build();
            var refused = assertThrows(StatusRuntimeException.class, () -> agent.report(tooMany));
            assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
        } finally {
            channel.shutdownNow();
        }

        List<String> read =
                AuditTopic.read(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class), 1_001);

        assertEquals(1_001, read.size());
        assertEquals(
                "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"denial\",\"node\":\"n1\",\"direction\":\"egress\","
                        + "\"from\":{\"ip\":\"10.0.0.1\",\"pod\":\"shop/web\"},\"to\":{\"ip\":\"192.0.2.1\"},"
                        + "\"protocol\":6,\"port\":443,\"policies\":[\"shop/restrict\"],\"count\":2,\"http\":false,\"forged\":false}",
                read.getFirst());
        assertEquals(7, Integer.parseInt(read.getLast().replaceAll(".*\"denials-lost\".*\"count\":(\\d+)}", "$1")));
    }
}
