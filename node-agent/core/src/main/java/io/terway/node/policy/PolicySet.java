package io.terway.node.policy;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Addresses that rules of many programs share. Unchanged sets keep their object, so that a change costs what changed. */
public sealed interface PolicySet {

    /** Derived from what the set means, not from its elements. */
    String id();

    /** True when traffic with {@code other} to this port is meant. */
    boolean holds(Ip other, Flow flow);

    /** Single addresses of pods or nodes. */
    record Addresses(String id, Set<Ip> addresses) implements PolicySet {
        public Addresses {
            requireId(id);
            addresses = Set.copyOf(addresses);
        }

        @Override
        public boolean holds(Ip other, Flow flow) {
            return addresses.contains(other);
        }

        /** The same set after a difference. */
        public Addresses with(Set<Ip> added, Set<Ip> removed) {
            Set<Ip> next = new HashSet<>(addresses);
            next.removeAll(removed);
            next.addAll(added);
            return new Addresses(id, next);
        }
    }

    /** Disjoint blocks. Never changes. */
    record Blocks(String id, List<Cidr> blocks) implements PolicySet {
        public Blocks {
            requireId(id);
            blocks = List.copyOf(blocks);
        }

        @Override
        public boolean holds(Ip other, Flow flow) {
            return blocks.stream().anyMatch(block -> block.contains(other));
        }
    }

    /** Destinations with their ports. */
    record Endpoints(String id, Set<Endpoint> endpoints) implements PolicySet {
        public Endpoints {
            requireId(id);
            endpoints = Set.copyOf(endpoints);
        }

        @Override
        public boolean holds(Ip other, Flow flow) {
            return Transport.of(flow.protocol())
                    .filter(transport -> endpoints.contains(new Endpoint(other, transport, flow.port())))
                    .isPresent();
        }

        /** The same set after a difference. */
        public Endpoints with(Set<Endpoint> added, Set<Endpoint> removed) {
            Set<Endpoint> next = new HashSet<>(endpoints);
            next.removeAll(removed);
            next.addAll(added);
            return new Endpoints(id, next);
        }
    }

    /** Ids become names in nft, so they are taken from no one unchecked. */
    private static void requireId(String id) {
        if (!id.matches("[0-9a-f]{1,64}")) {
            throw new IllegalArgumentException(
                    "'" + id + "' is not the id of a set or program: 1 to 64 of 0-9 and a-f");
        }
    }
}
