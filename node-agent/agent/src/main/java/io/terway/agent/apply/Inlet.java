package io.terway.agent.apply;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.BpfFilter;
import io.terway.linux.netlink.IngressRedirect;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.LinkEnd;
import io.terway.linux.netlink.Links;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Conventions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a pod receives by links of its own, shaped inside of its namespace: nothing of the node lies before them, so all of
 * it is led through the queue of one link (ifb) that gives it back. Its alias takes it away with the sandbox.
 *
 * @param links whose packets share the rate
 * @param queue the one queue
 */
record Inlet(SandboxKey key, Path netns, List<String> links, Rate queue) {

    private static final int NAME_LENGTH = 15;
    private static final String PREFIX = "twi";

    Inlet {
        links = List.copyOf(links);
    }

    /** Of the link that the packets are led through. */
    static String name(String ifName) {
        String name = PREFIX + ifName;
        return name.length() <= NAME_LENGTH ? name : name.substring(0, NAME_LENGTH);
    }

    private String name() {
        return name(key.ifName());
    }

    void shape() {
        try (RouteSocket socket = RouteSocket.open(netns)) {
            int ifb = socket.link(name())
                    .orElseGet(() -> socket.create(Links.ifb(LinkEnd.named(name()))))
                    .index();
            socket.execute(
                    LinkChange.of(ifb).alias(Conventions.alias(key)).up().request(),
                    queue.on(ifb).replace());
            for (String link : links) {
                IngressRedirect wanted = new IngressRedirect(index(socket, link), ifb);
                if (!socket.redirects(wanted.ifindex()).contains(wanted)) {
                    socket.execute(BpfFilter.hooks(wanted.ifindex()), wanted.clear(), wanted.add());
                }
            }
        }
    }

    /** What differs; empty when all of it is there. */
    Optional<String> missing() {
        try (RouteSocket socket = RouteSocket.open(netns)) {
            Optional<Link> ifb = socket.link(name()).filter(Link::up);
            boolean there = ifb.isPresent()
                    && queue.isOn(socket, ifb.get().index())
                    && links.stream().allMatch(link -> leads(socket, link, ifb.get()));
            return there
                    ? Optional.empty()
                    : Optional.of(
                            "what links " + links + " receive is not shaped to " + queue.bytesPerSecond() + " bytes/s");
        }
    }

    private static boolean leads(RouteSocket socket, String link, Link ifb) {
        int index = index(socket, link);
        return socket.redirects(index).contains(new IngressRedirect(index, ifb.index()));
    }

    private static int index(RouteSocket socket, String link) {
        return socket.link(link)
                .map(Link::index)
                .orElseThrow(() -> new KernelRefusal("find link " + link, Errno.ENODEV, ""));
    }
}
