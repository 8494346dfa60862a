package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.DatapathOp.DeleteRoute;
import io.terway.node.datapath.DatapathOp.DeleteRule;
import io.terway.node.datapath.DatapathOp.RetireLink;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a DEL takes away on the host. A late DEL of an old sandbox touches nothing of the one that came after it. */
public final class DelPlan {

    private DelPlan() {}

    /**
     * Cuts the link first, then removes the rules and routes of the addresses, unless a link of another sandbox has
     * taken an address over.
     *
     * @param addresses as far as they are known; those routed through the sandbox's own link are found
     * @param host what is there: the pod's link by name, and our routes and rules that concern the addresses
     */
    public static List<DatapathOp> plan(SandboxKey key, PodRef pod, List<Ip> addresses, NetnsState host) {
        String name = LinkNames.hostLink(pod, key.ifName());
        String alias = Conventions.alias(key);
        boolean mine = host.link(name).filter(l -> l.alias().equals(alias)).isPresent();
        List<DatapathOp> ops = new ArrayList<>();
        if (mine) {
            ops.add(new RetireLink(name, alias));
        }
        Set<Ip> held = new LinkedHashSet<>(addresses);
        if (mine) {
            host.routes().stream()
                    .filter(r -> r.link().equals(name))
                    .forEach(r -> held.add(r.destination().network()));
        }
        for (Ip ip : held) {
            List<RouteEntry> routes = host.routes().stream()
                    .filter(r -> r.destination().equals(Cidr.single(ip)))
                    .toList();
            // Routes through our own link go down with it; one through another link is its owner's.
            boolean takenOver = routes.stream().anyMatch(r -> !(mine && r.link().equals(name)));
            if (!takenOver) {
                routes.forEach(r -> ops.add(new DeleteRoute(Place.HOST, r)));
                host.rules().stream().filter(r -> r.concerns(ip)).forEach(r -> ops.add(new DeleteRule(Place.HOST, r)));
            }
        }
        return List.copyOf(ops);
    }
}
