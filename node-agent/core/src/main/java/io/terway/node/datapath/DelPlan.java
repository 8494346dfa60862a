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
     * @param found on the host: the pod's link by name, our routes, rules and tags that concern the addresses; in the pod:
     *     its links, as far as it is still there
     */
    public static List<DatapathOp> plan(SandboxKey key, PodRef pod, List<Ip> addresses, DatapathState found) {
        NetnsState host = found.host();
        String name = LinkNames.hostLink(pod, key.ifName());
        String alias = Conventions.alias(key);
        boolean mine = host.link(name).filter(l -> l.alias().equals(alias)).isPresent();
        List<DatapathOp> ops = new ArrayList<>();
        if (mine) {
            ops.add(new RetireLink(name, alias));
        }
        for (LinkEntry link : found.pod().links()) {
            if (Conventions.isEniAlias(link.alias(), key.ifName())) {
                ops.add(new DatapathOp.MoveHome(link, Conventions.homeName(link.mac())));
            } else if (Conventions.isAlias(link.alias(), key)) {
                ops.add(new DatapathOp.DeletePodLink(link.name()));
            }
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
                host.tags().stream()
                        .filter(t -> t.from().equals(ip))
                        .forEach(t -> ops.add(new DatapathOp.DeleteTag(t)));
            }
        }
        return List.copyOf(ops);
    }
}
