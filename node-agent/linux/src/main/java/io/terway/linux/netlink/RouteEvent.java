package io.terway.linux.netlink;

/** A change that the kernel announced. */
public sealed interface RouteEvent {

    /** A link is new or changed. */
    record LinkChanged(Link link) implements RouteEvent {}

    record LinkGone(Link link) implements RouteEvent {}

    record AddressChanged(Address address) implements RouteEvent {}

    record AddressGone(Address address) implements RouteEvent {}

    record RouteChanged(Route route) implements RouteEvent {}

    record RouteGone(Route route) implements RouteEvent {}

    record RuleChanged(Rule rule) implements RouteEvent {}

    record RuleGone(Rule rule) implements RouteEvent {}

    record NeighbourChanged(Neighbour neighbour) implements RouteEvent {}

    record NeighbourGone(Neighbour neighbour) implements RouteEvent {}

    /** A traffic control filter or discipline of a link is gone. */
    record FilterGone(int ifindex) implements RouteEvent {}

    /** Announcements were lost because the reader was too slow: read everything anew. */
    record Overrun() implements RouteEvent {}
}
