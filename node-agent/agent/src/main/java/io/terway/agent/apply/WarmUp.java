package io.terway.agent.apply;

import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.LinkEnd;
import io.terway.linux.netlink.Links;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.NetnsFd;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A pod's whole life in two namespaces that nobody else sees, so that the first real pod pays for no linking of foreign
 * functions and no loading of classes.
 */
final class WarmUp {

    /** The first link of every namespace. */
    private static final int LOOPBACK = 1;

    static final EniAttachment ENI = new EniAttachment(
            new EniId("eni-warm-up"),
            Mac.parse("02:00:00:00:00:01"),
            List.of(Cidr.parse("192.0.2.0/24"), Cidr.parse("2001:db8::/64")));

    private WarmUp() {}

    /** Gives {@code life} a session in a namespace with an ENI, and a pod for it; everything is gone afterwards. */
    static void run(BiConsumer<KernelSession, PodAttachment> life) {
        NetnsThread.callInNew(() -> {
            try (NetnsFd host = NetnsFd.current();
                    NetnsFd sandbox = NetnsThread.callInNew(NetnsFd::current);
                    RouteSocket socket = RouteSocket.open();
                    KernelSession session = KernelSession.open(host, new TrunkTags())) {
                // Without any address the kernel has no local table and knows no valid gateway.
                socket.execute(LinkChange.of(LOOPBACK).up().request());
                socket.create(Links.veth(LinkEnd.named("eni").mac(ENI.mac()), LinkEnd.named("vpc")));
                life.accept(session, pod(Path.of("/proc/self/fd/" + sandbox.number())));
                return true;
            }
        });
    }

    private static PodAttachment pod(Path netns) {
        return new PodAttachment(
                new SandboxKey("terway", "warm-up", "eth0"),
                new PodRef("terway", "warm-up"),
                netns,
                List.of(Ip.parse("192.0.2.2"), Ip.parse("2001:db8::2")),
                new Connection.PolicyRoute(ENI),
                1500,
                Reach.NOTHING);
    }
}
