package io.terway.agent.node;

import io.terway.agent.apply.AddResult;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.link.Notice;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.hostport.HostPort;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * A datapath that tells when a port which it leads to a pod is one at which the node itself listens: Kubernetes knows only of
 * ports of pods. The pod has the port from then on, and the process goes without.
 */
public final class PortEvents extends ForwardingDatapath {

    private static final Logger LOG = Logger.getLogger(PortEvents.class);

    private final Path host;
    private final Function<SandboxKey, Optional<Binding>> bindings;
    private final Consumer<Notice> notices;

    /**
     * @param host the node's network namespace
     * @param bindings what the ledger holds for a sandbox
     * @param notices gets a notice on the pod; must not block
     */
    public PortEvents(
            Path host, Datapath below, Function<SandboxKey, Optional<Binding>> bindings, Consumer<Notice> notices) {
        super(below);
        this.host = host;
        this.bindings = bindings;
        this.notices = notices;
    }

    @Override
    public AddResult add(PodAttachment pod) {
        AddResult result = super.add(pod);
        if (result instanceof AddResult.Plumbed) {
            bindings.apply(pod.key())
                    .filter(binding -> !binding.hostPorts().isEmpty())
                    .ifPresent(binding -> look(binding.pod(), binding.hostPorts()));
        }
        return result;
    }

    private void look(PodLife pod, List<HostPort> ports) {
        NodeSockets.at(host, ports).ifPresent(socket -> {
            String message = "a process of the node itself listens at " + socket + ", which is a hostPort of this pod:"
                    + " what comes there goes to the pod and not to the process; stop the process or choose another"
                    + " hostPort";
            LOG.warnf("%s: %s", pod, message);
            notices.accept(Notice.warning(Notice.Subject.pod(pod.ref(), pod.uid()), "HostPortTakenFromNode", message));
        });
    }
}
