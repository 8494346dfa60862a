package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FallbackEventsTest {

    private static final EniAttachment ENI =
            new EniAttachment(new EniId("eni-1"), Mac.parse("00:16:3e:00:00:01"), List.of(Cidr.parse("10.0.64.0/20")));

    private final BlockingQueue<Event> posted = new LinkedBlockingQueue<>();

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

    private static Connection ipvlan() {
        return new Connection.IpvlanSlave(ENI, true);
    }

    private Datapath telling(Consumer<Event> post) {
        return new FallbackEvents(kernel(), new NodeName("n1"), post);
    }

    private Event next() throws InterruptedException {
        return posted.poll(1, TimeUnit.MINUTES);
    }

    @Test
    void theFirstPodThatGetsVethForIpvlanMakesTheNodesEvent() throws Exception {
        Datapath datapath = telling(posted::add);

        assertInstanceOf(Connection.PolicyRoute.class, datapath.supported(ipvlan()));
        datapath.supported(ipvlan());

        Event event = next();
        assertEquals("IPVlanUnsupported", event.getReason());
        assertEquals("n1.ipvlanunsupported", event.getMetadata().getName());
        assertEquals("n1", event.getInvolvedObject().getName());
        assertNull(posted.poll());
    }

    @Test
    void anEventThatWasNotTakenIsPostedWithALaterPod() throws Exception {
        BlockingQueue<String> answers = new LinkedBlockingQueue<>(List.of("refuse", "take"));
        Datapath datapath = telling(event -> {
            posted.add(event);
            if (answers.poll().equals("refuse")) {
                throw new KubernetesClientException("no API server");
            }
        });

        datapath.supported(ipvlan());
        next();
        while (posted.isEmpty()) {
            datapath.supported(ipvlan());
            Thread.onSpinWait();
        }
        assertEquals("IPVlanUnsupported", next().getReason());
    }

    @Test
    void whatTheKernelHasMakesNoEvent() {
        telling(posted::add).supported(new Connection.PolicyRoute(ENI));

        assertNull(posted.poll());
    }
}
