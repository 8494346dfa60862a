package io.terway.agent.policy;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteFilter;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the pod behind a link of the node by the route that leads there, for packets that do not say whose they are. An index
 * is never another link's, so what was found is remembered. One thread.
 */
final class Senders {

    private static final int MAIN = 254;
    private static final int MOST = 256;

    private final Path netns;
    private final Map<Integer, Ip> known = new LinkedHashMap<>();

    Senders(Path netns) {
        this.netns = netns;
    }

    /** An address of the pod whose link has this index; empty when nothing leads there. */
    Optional<Ip> behind(int ifindex) {
        Ip before = known.get(ifindex);
        if (ifindex <= 0 || before != null) {
            return Optional.ofNullable(before);
        }
        Optional<Ip> found = look(ifindex);
        found.ifPresent(ip -> {
            if (known.size() >= MOST) {
                known.clear();
            }
            known.put(ifindex, ip);
        });
        return found;
    }

    private Optional<Ip> look(int ifindex) {
        try (RouteSocket socket = RouteSocket.open(netns)) {
            for (Family family : Family.values()) {
                Optional<Ip> found = socket
                        .routes(RouteFilter.table(family, MAIN).ifindex(ifindex))
                        .stream()
                        .map(Route::destination)
                        .filter(to -> to.prefixLength() == family.bits())
                        .map(to -> to.network())
                        .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        } catch (KernelRefusal e) {
            return Optional.empty();
        }
    }
}
