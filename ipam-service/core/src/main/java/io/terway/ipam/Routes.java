package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** VPC mode: a node's pod CIDR, the route entries to it, and its addresses. */
final class Routes {

    /** Addresses offered of a pod CIDR: more than a node has pods. */
    static final int MOST_ADDRESSES = 256;

    private final Cluster cluster;
    private final Operations operations;

    /** Where a route entry of a node stands. */
    enum State {
        WANTED,
        ASKED,
        THERE
    }

    Routes(Cluster cluster, Operations operations) {
        this.cluster = cluster;
        this.operations = operations;
    }

    /** Moves the node towards having routes to all its pod CIDRs, or none where the mode does not need them. */
    void plan(NodeState node, Instant now) {
        if (node.mode != EniConfig.Mode.VPC) {
            takeBack(node);
            return;
        }
        if (node.routes.isEmpty()) {
            findCidrs(node);
        }
        if (node.routes.isEmpty() || now.isBefore(node.orderAfter)) {
            return;
        }
        node.routes.replaceAll((cidr, state) -> {
            if (state != State.WANTED) {
                return state;
            }
            operations.open(node, new PoolCommand.PutRoute(cluster.nextOperation(), node.identity.instance(), cidr));
            return State.ASKED;
        });
    }

    /** The mode has changed and no address of the pod CIDR is left on the node. */
    private void takeBack(NodeState node) {
        if (node.routes.isEmpty() || node.enis.values().stream().anyMatch(Routes::isPrimary)) {
            return;
        }
        for (Cidr cidr : List.copyOf(node.routes.keySet())) {
            operations.open(node, new PoolCommand.DeleteRoute(cluster.nextOperation(), node.identity.instance(), cidr));
        }
        node.routes = Map.of();
        node.reconfigure = true;
    }

    private static boolean isPrimary(EniPool eni) {
        return eni.use() == CloudEni.Use.PRIMARY;
    }

    /** spec.podCIDRs, or what was anchored; else a block of ours, which counts once the API server shows it. */
    private void findCidrs(NodeState node) {
        IpamEvent.NodeSeen seen = cluster.known.get(node.name);
        if (seen == null) {
            return;
        }
        node.routes = new LinkedHashMap<>();
        for (Cidr cidr : seen.podCidrs()) {
            if (cluster.config(node).stack().families().contains(cidr.family())) {
                node.routes.put(cidr, State.WANTED);
            }
        }
        if (!node.routes.isEmpty()) {
            cluster.carved.remove(node.name);
            node.reconfigure = true;
            return;
        }
        if (cluster.carved.containsKey(node.name)) {
            return; // anchored, and not shown yet
        }
        List<Cidr> carved = carve(node);
        if (carved.isEmpty()) {
            cluster.sayOnce(
                    node,
                    "NoPodCidr",
                    "node " + node.name + " has no spec.podCIDR and eni_conf.pod_cidr has no free block for it");
            return;
        }
        cluster.carved.put(node.name, carved);
        cluster.say(new IpamCommand.AnchorPodCidrs(node.name, carved));
    }

    private List<Cidr> carve(NodeState node) {
        PodCidrs blocks = cluster.config(node).podCidrs();
        List<Cidr> carved = new ArrayList<>();
        for (Cidr cluster : blocks.cluster()) {
            if (this.cluster.config(node).stack().families().contains(cluster.family())) {
                Optional<Cidr> free = free(cluster, blocks.mask(cluster.family()));
                if (free.isEmpty()) {
                    return List.of();
                }
                carved.add(free.get());
            }
        }
        return carved;
    }

    private Optional<Cidr> free(Cidr all, int mask) {
        Set<Cidr> taken = new HashSet<>();
        List<Cidr> wider = new ArrayList<>();
        for (Cidr cidr : cidrsInUse()) {
            if (cidr.family() == all.family() && cidr.prefixLength() >= mask) {
                taken.add(Cidr.containing(cidr.network(), mask));
            } else if (cidr.family() == all.family()) {
                wider.add(cidr);
            }
        }
        // One more block than are taken is enough to find a free one, unless wider ones are in the way.
        long tries = taken.size() + 1L + wider.size() * (long) MOST_ADDRESSES;
        int shards = this.cluster.shard.sharding().count();
        Cidr block = new Cidr(all.network(), mask);
        for (long i = 0; i < tries * shards && all.contains(block); i++) {
            Cidr candidate = block;
            // Shards carve at the same time: each takes every so manieth block, so that none is taken twice.
            boolean ours = i % shards == this.cluster.shard.index();
            if (ours && !taken.contains(candidate) && wider.stream().noneMatch(candidate::overlaps)) {
                return Optional.of(candidate);
            }
            if (block.last().equals(all.last())) {
                return Optional.empty();
            }
            block = new Cidr(block.last().plus(1), mask);
        }
        return Optional.empty();
    }

    private List<Cidr> cidrsInUse() {
        List<Cidr> used = new ArrayList<>();
        cluster.known.values().forEach(seen -> used.addAll(seen.podCidrs()));
        cluster.nodes.values().forEach(node -> used.addAll(node.routes.keySet()));
        cluster.carved.values().forEach(used::addAll);
        return used;
    }

    /** The entry is there: its addresses are ours to offer. */
    void made(NodeState node, Cidr cidr) {
        if (!node.routes.containsKey(cidr)) {
            return; // the mode has changed meanwhile
        }
        node.routes.put(cidr, State.THERE);
        primary(node).ifPresent(eni -> {
            node.pool(eni.id()).sees(Optional.of(eni));
            for (Ip ip : addressesOf(cidr)) {
                if (!node.slots.containsKey(ip)) {
                    node.add(ip, eni.id(), false, Optional.of(cidr), new AddressState.Supplied()).confirmed = true;
                }
            }
        });
    }

    void failed(NodeState node, Cidr cidr, OperationResult.Failed failed) {
        if (node.routes.containsKey(cidr)) {
            node.routes.put(cidr, State.WANTED);
        }
        if (failed.why() == FailureClass.QUOTA) {
            cluster.say(new IpamCommand.Notice(
                    node.name,
                    true,
                    "RouteQuotaReached",
                    "no route to pod CIDR " + cidr + " of node " + node.name + ": " + failed.message()
                            + "; raise the VPC's quota of custom route entries or use network_mode ENIIP"));
        }
    }

    /** True when pods of the node cannot be reached, whatever addresses it has. */
    static boolean missing(NodeState node) {
        return node.mode == EniConfig.Mode.VPC && (node.routes.isEmpty() || node.routes.containsValue(State.WANTED));
    }

    private static Optional<CloudEni> primary(NodeState node) {
        return node.cloud.stream()
                .flatMap(instance -> instance.enis().stream())
                .filter(eni -> eni.use() == CloudEni.Use.PRIMARY)
                .findFirst();
    }

    /** Addresses of a pod CIDR for pods: neither the network's own nor, in IPv4, the broadcast address. */
    static List<Ip> addressesOf(Cidr cidr) {
        long last = cidr.family() == Family.IPV4 ? cidr.size() - 2 : cidr.size() - 1;
        List<Ip> addresses = new ArrayList<>();
        for (long i = 1; i <= last && addresses.size() < MOST_ADDRESSES; i++) {
            addresses.add(cidr.network().plus(i));
        }
        return addresses;
    }
}
