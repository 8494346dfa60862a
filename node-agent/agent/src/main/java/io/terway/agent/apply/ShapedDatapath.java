package io.terway.agent.apply;

import io.terway.agent.pods.Bandwidth;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.PodRef;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.PodAttachment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * A datapath that gives each pod's links the rates of its annotations: what the pod sends is shaped on its own links, in
 * every mode; what it receives on the host's end of its pair, or inside of it where its link is the VPC's own. Queues go
 * with their links.
 */
public final class ShapedDatapath extends ForwardingDatapath {

    private static final Logger LOG = Logger.getLogger(ShapedDatapath.class);

    private final Path host;
    private final Function<PodRef, Bandwidth> wishes;
    private final BooleanSupplier shapedByOthers;
    private volatile boolean withoutInlets;

    /** One queue to be: where, on which link, how fast. */
    private record Outlet(Path netns, String link, Rate rate) {}

    /**
     * @param host the node's network namespace
     * @param wishes what a pod's annotations say
     * @param shapedByOthers true while the bandwidth plugin is in the chain behind us (rule 26)
     */
    public ShapedDatapath(
            Path host, Datapath below, Function<PodRef, Bandwidth> wishes, BooleanSupplier shapedByOthers) {
        super(below);
        this.host = host;
        this.wishes = wishes;
        this.shapedByOthers = shapedByOthers;
    }

    @Override
    public AddResult add(PodAttachment pod) {
        AddResult result = super.add(pod);
        if (result instanceof AddResult.Plumbed) {
            try {
                outlets(pod).forEach(ShapedDatapath::shape);
                inlet(pod).ifPresent(this::shape);
            } catch (KernelRefusal e) {
                return new AddResult.Failed(e.what(), e.reason());
            }
        }
        return result;
    }

    @Override
    public CheckResult check(PodAttachment pod) {
        CheckResult result = super.check(pod);
        List<String> differences = new ArrayList<>();
        try {
            outlets(pod).forEach(queue -> missing(queue).ifPresent(differences::add));
            inlet(pod).flatMap(Inlet::missing).ifPresent(differences::add);
        } catch (KernelRefusal e) {
            differences.add(e.getMessage());
        }
        return result.with(differences);
    }

    private Bandwidth wish(PodAttachment pod) {
        return shapedByOthers.getAsBoolean() ? Bandwidth.UNLIMITED : wishes.apply(pod.pod());
    }

    /** Each of a pod's links has the whole rate to send: the one to the host's stack too. */
    private List<Outlet> outlets(PodAttachment pod) {
        Bandwidth wish = wish(pod);
        List<Outlet> queues = new ArrayList<>();
        wish.egress()
                .ifPresent(rate -> links(pod)
                        .forEach(link -> queues.add(new Outlet(pod.netns(), link, new Rate(rate, pod.mtu())))));
        if (wish.ingress().isPresent() && !(pod.connection() instanceof Connection.NicInPod)) {
            String link = LinkNames.hostLink(pod.pod(), pod.key().ifName());
            queues.add(new Outlet(host, link, new Rate(wish.ingress().getAsLong(), pod.mtu())));
        }
        return queues;
    }

    /** Inside a pod. */
    private static List<String> links(PodAttachment pod) {
        return pod.connection() instanceof Connection.NicInPod nic && nic.hostPeer()
                ? List.of(pod.key().ifName(), Conventions.PEER_LINK)
                : List.of(pod.key().ifName());
    }

    private Optional<Inlet> inlet(PodAttachment pod) {
        OptionalLong rate = wish(pod).ingress();
        return rate.isPresent() && pod.connection() instanceof Connection.NicInPod && !withoutInlets
                ? Optional.of(new Inlet(pod.key(), pod.netns(), links(pod), new Rate(rate.getAsLong(), pod.mtu())))
                : Optional.empty();
    }

    /** A kernel without what it takes serves pods unshaped rather than not at all. */
    private void shape(Inlet inlet) {
        try {
            inlet.shape();
        } catch (KernelRefusal e) {
            if (!e.errno().equals(Errno.EOPNOTSUPP) && !e.errno().equals(Errno.ENOENT)) {
                throw e;
            }
            withoutInlets = true;
            LOG.warnf("ingress-bandwidth has no effect for pods with a link of the VPC's own: %s", e.getMessage());
        }
    }

    private static void shape(Outlet queue) {
        try (RouteSocket socket = RouteSocket.open(queue.netns())) {
            socket.execute(queue.rate().on(index(socket, queue)).replace());
        }
    }

    /** What differs; empty when the queue is there. */
    private static Optional<String> missing(Outlet queue) {
        try (RouteSocket socket = RouteSocket.open(queue.netns())) {
            return queue.rate().isOn(socket, index(socket, queue))
                    ? Optional.empty()
                    : Optional.of("link " + queue.link() + " is not shaped to "
                            + queue.rate().bytesPerSecond() + " bytes/s");
        }
    }

    private static int index(RouteSocket socket, Outlet queue) {
        return socket.link(queue.link())
                .map(Link::index)
                .orElseThrow(() -> new KernelRefusal("find link " + queue.link(), Errno.ENODEV, ""));
    }
}
