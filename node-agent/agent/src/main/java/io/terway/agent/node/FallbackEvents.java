package io.terway.agent.node;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.net.NodeName;
import io.terway.node.datapath.Connection;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** A datapath that tells Kubernetes when pods of the node get another one than was asked for. */
public final class FallbackEvents extends ForwardingDatapath {

    private static final Logger LOG = Logger.getLogger(FallbackEvents.class);

    /** Set once told, or while a thread is telling. */
    private final AtomicBoolean ipvlanTold = new AtomicBoolean();

    private final NodeName node;
    private final Consumer<Event> post;

    /** @param kubernetes where the node's event goes */
    public FallbackEvents(NodeName node, Datapath below, Supplier<KubernetesClient> kubernetes) {
        this(below, node, event -> kubernetes.get().resource(event).create());
    }

    FallbackEvents(Datapath below, NodeName node, Consumer<Event> post) {
        super(below);
        this.node = node;
        this.post = post;
    }

    /** Pods do not wait for the event; one that could not be posted is tried again with the next pod. */
    @Override
    public Connection supported(Connection wanted) {
        Connection supported = super.supported(wanted);
        if (wanted instanceof Connection.IpvlanSlave
                && !supported.equals(wanted)
                && ipvlanTold.compareAndSet(false, true)) {
            Thread.ofVirtual().name("ipvlan-event").start(this::tellIpvlan);
        }
        return supported;
    }

    private void tellIpvlan() {
        try {
            post.accept(event("IPVlanUnsupported", "IPVlan was asked for, but this kernel has none; pods get veth"));
        } catch (KubernetesClientException e) {
            // A former start's event stands for this one: it names the same node and reason.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warnf("the event IPVlanUnsupported is not posted: %s", e.getMessage());
                ipvlanTold.set(false);
            }
        }
    }

    private Event event(String reason, String message) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withName(node + "." + reason.toLowerCase(Locale.ROOT))
                .withNamespace("default")
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(node.value())
                .endInvolvedObject()
                .withType("Warning")
                .withReason(reason)
                .withMessage(message)
                .withNewSource()
                .withComponent("terway-agent")
                .withHost(node.value())
                .endSource()
                .withCount(1)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .build();
    }
}
