package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.link.Notice;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FallbackEventsTest {

    private static final EniAttachment ENI =
            new EniAttachment(new EniId("eni-1"), Mac.parse("00:16:3e:00:00:01"), List.of(Cidr.parse("10.0.64.0/20")));

    private final List<Notice> told = new ArrayList<>();
    private final Datapath datapath = new FallbackEvents(new NodeName("n1"), kernel(), told::add);

    /** A kernel without IPVlan. */
    private static Datapath kernel() {
        return new ForwardingDatapath(null) {
            @Override
            public Connection supported(Connection wanted) {
                return wanted instanceof Connection.IpvlanSlave(var eni, var _)
                        ? new Connection.PolicyRoute(eni)
                        : wanted;
            }
        };
    }

    @Test
    void aPodThatGetsVethForIpvlanIsANoticeOnTheNode() {
        assertInstanceOf(Connection.PolicyRoute.class, datapath.supported(new Connection.IpvlanSlave(ENI, true)));

        assertEquals("IPVlanUnsupported", told.getFirst().reason());
        assertEquals(Notice.Subject.node(new NodeName("n1")), told.getFirst().subject());
    }

    @Test
    void whatTheKernelHasIsNone() {
        datapath.supported(new Connection.PolicyRoute(ENI));

        assertEquals(List.of(), told);
    }
}
