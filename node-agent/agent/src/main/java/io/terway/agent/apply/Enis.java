package io.terway.agent.apply;

import io.terway.linux.netlink.Link;
import io.terway.net.Family;
import io.terway.net.Mac;
import io.terway.node.datapath.DatapathPlanner;
import io.terway.node.datapath.DatapathState;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.EniRoute;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The ENIs whose links and tables were brought up; each is checked against the kernel when it is used. Any thread. */
final class Enis {

    /**
     * What is known of one.
     *
     * @param mtu what pods have needed of it so far; 0 while none has
     * @param maxMtu the largest that it can have; 0 when that is unknown
     */
    private record Known(int ifindex, int mtu, int maxMtu) {}

    /** By MAC. Bounded by the ENIs the instance ever had attached; a stale entry is found out and replaced. */
    private final ConcurrentMap<Mac, Known> known = new ConcurrentHashMap<>();

    /** The ENI's link, up and with its table; what was seen before is only checked. Empty when no link has the MAC. */
    Optional<Link> usable(KernelSession session, EniAttachment eni, int mtu) {
        return Optional.ofNullable(known.get(eni.mac()))
                .filter(k -> k.mtu() >= carried(k.maxMtu(), mtu))
                .flatMap(k -> session.eni(k.ifindex(), eni.mac()))
                .filter(link -> link.up() && link.mtu() >= carried(link.maxMtu(), mtu))
                .or(() -> ensure(session, eni, mtu));
    }

    /** Brings the ENI's link and table up. Empty when no link has the MAC. */
    Optional<Link> ensure(KernelSession session, EniAttachment eni, int mtu) {
        Optional<Link> link = session.eni(eni.mac());
        link.ifPresent(found -> {
            Known before = known.get(eni.mac());
            int needed = carried(found.maxMtu(), Math.max(mtu, before == null ? 0 : before.mtu()));
            DatapathState wanted = wanted(session, eni, found, needed);
            session.execute(DatapathPlanner.plan(wanted, session.observeEni(wanted)));
            known.put(eni.mac(), new Known(found.index(), needed, found.maxMtu()));
        });
        return link;
    }

    static DatapathState wanted(KernelSession session, EniAttachment eni, Link link, int mtu) {
        boolean ipv6 = eni.gateway(Family.IPV6).isPresent();
        Optional<String> primary = ipv6 ? session.primary(Family.IPV6) : Optional.empty();
        return EniRoute.wanted(eni, NetnsKernel.entry(link), link.index(), carried(link.maxMtu(), mtu), primary);
    }

    /** The largest MTU that the ENI's link can have; 0 when that is unknown. */
    int largestMtu(EniAttachment eni) {
        Known k = known.get(eni.mac());
        return k == null ? 0 : k.maxMtu();
    }

    /** What MTU pods need of each. */
    Map<Mac, Integer> needed() {
        Map<Mac, Integer> needed = new HashMap<>();
        known.forEach((mac, k) -> needed.put(mac, k.mtu()));
        return needed;
    }

    void forget(EniAttachment eni) {
        known.remove(eni.mac());
    }

    /** No link is asked for more than it can. */
    private static int carried(int maxMtu, int mtu) {
        return maxMtu == 0 ? mtu : Math.min(mtu, maxMtu);
    }
}
