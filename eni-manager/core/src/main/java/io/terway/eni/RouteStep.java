package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.util.List;

/** What to do next for a route entry, by what a look just showed. Entries of others are never touched. */
public sealed interface RouteStep {

    /** It is as wanted. */
    record Reached() implements RouteStep {}

    record Create() implements RouteStep {}

    record Delete(VpcRoute route) implements RouteStep {}

    /** A change goes on in the cloud: look again. */
    record Wait() implements RouteStep {}

    record Refused(CloudFailure cause) implements RouteStep {}

    /** Towards an entry from this block to this instance. */
    static RouteStep put(List<VpcRoute> seen, Cidr destination, InstanceId to, ClusterTags tags) {
        for (VpcRoute route : seen) {
            if (route.destination().equals(destination)) {
                return put(route, to, tags);
            }
        }
        return new Create();
    }

    private static RouteStep put(VpcRoute route, InstanceId to, ClusterTags tags) {
        if (route.nextHop().equals(to.value())) {
            return route.available() ? new Reached() : new Wait();
        }
        if (!tags.owns(route)) {
            return new Refused(new CloudFailure.NotOurs(
                    "NotOurs",
                    "the route entry " + route.id() + " for " + route.destination() + " leads to " + route.nextHop()
                            + " and was not made by this cluster; remove it or give the node another pod CIDR"));
        }
        return route.available() ? new Delete(route) : new Wait();
    }

    /** Towards no entry from this block to this instance. One that leads elsewhere is another node's by now. */
    static RouteStep remove(List<VpcRoute> seen, Cidr destination, InstanceId to, ClusterTags tags) {
        for (VpcRoute route : seen) {
            if (route.destination().equals(destination) && route.nextHop().equals(to.value())) {
                if (!tags.owns(route)) {
                    return new Refused(new CloudFailure.NotOurs(
                            "NotOurs", "the route entry " + route.id() + " was not made by this cluster"));
                }
                return route.available() ? new Delete(route) : new Wait();
            }
        }
        return new Reached();
    }
}
