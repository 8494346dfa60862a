package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import java.util.function.IntFunction;

/** Whether the kernel has a kind of link, found by making one in a namespace of its own. */
public sealed interface LinkProbe {

    record Supported() implements LinkProbe {}

    /** @param reason the kernel's words */
    record Unsupported(String reason) implements LinkProbe {}

    /** The question could not be put. */
    record ProbeUnavailable(String reason) implements LinkProbe {}

    static LinkProbe ipvlan() {
        return child("ipvlan", parent -> Links.ipvlan(parent, LinkEnd.named("probe")));
    }

    static LinkProbe vlan() {
        return child("vlan", parent -> Links.vlan(parent, 7, LinkEnd.named("probe")));
    }

    private static LinkProbe child(String kind, IntFunction<Request> make) {
        try {
            return NetnsThread.callInNew(() -> {
                try (RouteSocket socket = RouteSocket.open()) {
                    Link parent = socket.create(Links.veth(LinkEnd.named("parent"), LinkEnd.named("other")));
                    return made(kind, socket, make.apply(parent.index()));
                }
            });
        } catch (KernelRefusal e) {
            return new ProbeUnavailable(e.getMessage());
        }
    }

    private static LinkProbe made(String kind, RouteSocket socket, Request request) {
        try {
            socket.execute(request);
            return new Supported();
        } catch (KernelRefusal e) {
            return e.errno().equals(Errno.EPERM)
                    ? new ProbeUnavailable(e.getMessage())
                    : new Unsupported("the kernel makes no link of kind " + kind + ": " + e.reason());
        }
    }
}
