package io.terway.agent.apply;

import io.terway.agent.pods.Bandwidth;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netlink.TokenBucket;
import io.terway.net.PodRef;
import io.terway.node.datapath.Connection;
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
 * A datapath that gives each pod's links the rates of its annotations: what the pod sends is shaped on its own link, in
 * every mode; what it receives on the host's end of its pair. Queues go with their links.
 */
public final class ShapedDatapath extends ForwardingDatapath {

    private static final Logger LOG = Logger.getLogger(ShapedDatapath.class);

    /** Bytes that go at once: a thousandth of a second's, at least a frame of the largest segment the stack sends. */
    private static final int LEAST_BURST = 64 * 1024;

    /** Packets wait this long at most. */
    private static final int LATENCY_MILLIS = 25;

    private final Path host;
    private final Function<PodRef, Bandwidth> wishes;
    private final BooleanSupplier shapedByOthers;

    /** One queue to be: where, on which link, how fast. */
    private record Wanted(Path netns, String link, long rate, int mtu) {

        TokenBucket on(int ifindex) {
            int burst = Math.clamp(rate / 1000, Math.max(LEAST_BURST, mtu), Integer.MAX_VALUE / 4);
            long waiting = rate * LATENCY_MILLIS / 1000;
            return new TokenBucket(ifindex, rate, burst, Math.clamp(waiting + burst, burst, Integer.MAX_VALUE));
        }
    }

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
                wanted(pod).forEach(ShapedDatapath::shape);
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
            wanted(pod).forEach(queue -> missing(queue).ifPresent(differences::add));
        } catch (KernelRefusal e) {
            differences.add(e.getMessage());
        }
        if (result instanceof CheckResult.Differs(List<String> others)) {
            differences.addAll(0, others);
        }
        return differences.isEmpty() ? result : new CheckResult.Differs(differences);
    }

    private List<Wanted> wanted(PodAttachment pod) {
        Bandwidth wish = wishes.apply(pod.pod());
        if (wish.isUnlimited() || shapedByOthers.getAsBoolean()) {
            return List.of();
        }
        List<Wanted> queues = new ArrayList<>();
        String link = pod.key().ifName();
        wish.egress().ifPresent(rate -> queues.add(new Wanted(pod.netns(), link, rate, pod.mtu())));
        ingress(pod, wish.ingress()).ifPresent(queues::add);
        return queues;
    }

    private Optional<Wanted> ingress(PodAttachment pod, OptionalLong rate) {
        if (rate.isEmpty()) {
            return Optional.empty();
        }
        return switch (pod.connection()) {
            case Connection.PolicyRoute _, Connection.VpcRoute _, Connection.TrunkTag _ ->
                Optional.of(new Wanted(
                        host, LinkNames.hostLink(pod.pod(), pod.key().ifName()), rate.getAsLong(), pod.mtu()));
            case Connection.NicInPod _ -> {
                LOG.warnf(
                        "%s: ingress-bandwidth has no effect, nothing of the node lies before a pod's own ENI",
                        pod.pod());
                yield Optional.empty();
            }
        };
    }

    private static void shape(Wanted queue) {
        try (RouteSocket socket = RouteSocket.open(queue.netns())) {
            socket.execute(queue.on(index(socket, queue)).replace());
        }
    }

    /** What differs; empty when the queue is there. */
    private static Optional<String> missing(Wanted queue) {
        try (RouteSocket socket = RouteSocket.open(queue.netns())) {
            int index = index(socket, queue);
            boolean there = socket.tokenBuckets().stream()
                    .anyMatch(found -> found.ifindex() == index && found.bytesPerSecond() == queue.rate());
            return there
                    ? Optional.empty()
                    : Optional.of("link " + queue.link() + " is not shaped to " + queue.rate() + " bytes/s");
        }
    }

    private static int index(RouteSocket socket, Wanted queue) {
        return socket.link(queue.link())
                .map(Link::index)
                .orElseThrow(() -> new KernelRefusal("find link " + queue.link(), Errno.ENODEV, ""));
    }
}
