package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A pod's routes through its gateway. A link may carry jumbo frames; beyond the VPC packets of 1500 bytes pass at most, and
 * nobody there says so reliably. So only routes to where large packets may go have the link's whole MTU.
 */
final class WayOut {

    /** What passes everywhere. */
    private static final int OUTSIDE_MTU = 1500;

    private WayOut() {}

    /** @param connected subnets that the kernel itself has a route to, through the link's address */
    static void routes(NetnsState.Builder side, PodAttachment pod, Family family, String link, List<Cidr> connected) {
        Ip gateway = pod.gateway(family);
        Set<Cidr> wide = wide(pod, family);
        side.route(RouteEntry.defaultVia(gateway, link, Conventions.MAIN_TABLE).mtu(limit(pod)));
        List<Cidr> extra = pod.reach().extra(family);
        for (Cidr cidr : extra) {
            boolean inside = wide.stream().anyMatch(w -> w.contains(cidr));
            side.route(via(gateway, cidr, link).mtu(inside ? 0 : limit(pod)));
        }
        wide.removeAll(extra);
        wide.removeAll(connected);
        wide.forEach(cidr -> side.route(via(gateway, cidr, link)));
    }

    /** 0 for that of the link. */
    private static int limit(PodAttachment pod) {
        return pod.mtu() > OUTSIDE_MTU ? OUTSIDE_MTU : 0;
    }

    /** Where large packets may go; nowhere in particular for a link that carries none. */
    private static Set<Cidr> wide(PodAttachment pod, Family family) {
        Set<Cidr> wide = new LinkedHashSet<>();
        if (pod.mtu() > OUTSIDE_MTU) {
            wide.addAll(subnets(pod.connection()));
            wide.addAll(pod.reach().jumbo());
            wide.removeIf(cidr -> cidr.family() != family || cidr.prefixLength() == 0);
        }
        return wide;
    }

    private static List<Cidr> subnets(Connection connection) {
        return switch (connection) {
            case Connection.PolicyRoute(EniAttachment eni) -> eni.subnets();
            case Connection.TrunkTag(EniAttachment member, EniAttachment _, int _) -> member.subnets();
            case Connection.VpcRoute(List<Cidr> podCidrs) -> podCidrs;
            case Connection.NicInPod nic -> nic.eni().subnets();
        };
    }

    private static RouteEntry via(Ip gateway, Cidr cidr, String link) {
        return new RouteEntry(cidr, gateway, link, Conventions.MAIN_TABLE);
    }
}
