package io.terway.agent.apply;

import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Queue;
import io.terway.linux.netlink.RouteFilter;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.NftTable;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Binding;
import io.terway.node.priority.NetworkPriority;
import io.terway.node.priority.PriorityTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A datapath in which pods of a higher class go first where an ENI is full: packets get the priority of their pod, and ENIs
 * a queue with three bands; in VPC mode the node's own link. A pod with an ENI of its own shares it with nobody.
 */
public final class PriorityQueues extends ForwardingDatapath {

    private final Path host;
    private final BooleanSupplier enabled;
    private final Supplier<List<Binding>> booked;
    private final Function<Ip, Optional<SandboxKey>> holder;
    private final Function<PodRef, NetworkPriority> wishes;
    private final NodeTable table;

    /** ENIs whose queue was seen not to be ours; bounded by the links the node ever had. */
    private final Set<Integer> plain = ConcurrentHashMap.newKeySet();

    /**
     * @param host the node's network namespace
     * @param enabled network priority is honoured
     * @param booked what the ledger holds
     * @param holder whom it books an address for
     * @param wishes what a pod's annotation says
     */
    public PriorityQueues(
            Path host,
            Datapath below,
            BooleanSupplier enabled,
            Supplier<List<Binding>> booked,
            Function<Ip, Optional<SandboxKey>> holder,
            Function<PodRef, NetworkPriority> wishes) {
        super(below);
        this.host = host;
        this.enabled = enabled;
        this.booked = booked;
        this.holder = holder;
        this.wishes = wishes;
        this.table = new NodeTable(host, PriorityTable.NAME, this::wanted);
    }

    private Optional<NftTable> wanted(Set<SandboxKey> leaving) {
        if (!enabled.getAsBoolean()) {
            return Optional.empty();
        }
        Map<Ip, NetworkPriority> pods = new HashMap<>();
        booked.get().stream()
                .filter(binding -> !leaving.contains(binding.key()))
                .forEach(binding -> binding.ips()
                        .forEach(ip -> pods.put(ip, wishes.apply(binding.pod().ref()))));
        return Optional.of(PriorityTable.of(pods));
    }

    /** Those that no other pod has got meanwhile. */
    private Set<Ip> free(List<Ip> addresses, Set<SandboxKey> leaving) {
        return addresses.stream()
                .filter(ip ->
                        holder.apply(ip).filter(key -> !leaving.contains(key)).isEmpty())
                .collect(Collectors.toSet());
    }

    /** Inside of a pod whose link is a part of an ENI's, which does not see the host's table. */
    private Optional<NftTable> inside(PodAttachment pod) {
        return switch (pod.connection()) {
            case Connection.TrunkVlan _, Connection.IpvlanSlave _ ->
                enabled.getAsBoolean()
                        ? Optional.of(PriorityTable.inside(pod.key().ifName(), wishes.apply(pod.pod())))
                        : Optional.empty();
            case Connection.PolicyRoute _, Connection.VpcRoute _, Connection.TrunkTag _, Connection.ExclusiveEni _ ->
                Optional.empty();
        };
    }

    @Override
    public AddResult add(PodAttachment pod) {
        AddResult result = super.add(pod);
        if (!(result instanceof AddResult.Plumbed) || !enabled.getAsBoolean()) {
            return result;
        }
        try {
            NetworkPriority wish = wishes.apply(pod.pod());
            Map<Ip, NetworkPriority> own = new HashMap<>();
            pod.addresses().forEach(ip -> own.put(ip, wish));
            table.enter(pod.key(), PriorityTable.add(own));
            inside(pod).ifPresent(t -> NodeTable.put(pod.netns(), t));
            return result;
        } catch (KernelRefusal e) {
            return new AddResult.Failed(e.what(), e.reason());
        }
    }

    @Override
    public CheckResult check(PodAttachment pod) {
        CheckResult result = super.check(pod);
        List<String> differences = new ArrayList<>();
        if (enabled.getAsBoolean() && !table.isInPlace()) {
            differences.add("host nft table " + PriorityTable.NAME + " is missing or differs");
        }
        inside(pod)
                .filter(t -> !NodeTable.has(pod.netns(), t))
                .ifPresent(t -> differences.add("pod nft table " + t.name() + " is missing or differs"));
        return result.with(differences);
    }

    @Override
    public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        DelResult result = super.del(key, pod, netnsOrNull, addresses);
        if (!(result instanceof DelResult.Removed) || !enabled.getAsBoolean()) {
            return result;
        }
        try {
            table.leave(key, leaving -> PriorityTable.remove(free(addresses, leaving)));
            return result;
        } catch (KernelRefusal e) {
            return new DelResult.Failed(e.what(), e.reason());
        }
    }

    @Override
    public EniResult ensureEni(EniAttachment eni) {
        EniResult result = super.ensureEni(eni);
        if (!(result instanceof EniResult.Ready ready)) {
            return result;
        }
        try {
            ensureQueue(ready.ifindex());
            return result;
        } catch (KernelRefusal e) {
            return new EniResult.Failed(e.what(), e.reason());
        }
    }

    @Override
    public NodeResult ensureNode(NodeNetwork node) {
        NodeResult result = super.ensureNode(node);
        try {
            table.booked(booked.get().stream().map(Binding::key).collect(Collectors.toSet()));
            uplinks(node).forEach(this::ensureQueue);
            return result.with(table.apply());
        } catch (KernelRefusal e) {
            return new NodeResult.Failed(e.what(), e.reason());
        }
    }

    /** The node's own links, as far as pods leave by them: in VPC mode. */
    private Set<Integer> uplinks(NodeNetwork node) {
        Set<Integer> links = new LinkedHashSet<>();
        if (node.podCidrs().isEmpty()) {
            return links;
        }
        try (RouteSocket socket = RouteSocket.open(host)) {
            for (Family family : node.families()) {
                socket.routes(RouteFilter.table(family, Conventions.MAIN_TABLE)).stream()
                        .filter(r -> r.destination().prefixLength() == 0 && r.ifindex() != 0)
                        .forEach(r -> links.add(r.ifindex()));
            }
        }
        return links;
    }

    private void ensureQueue(int ifindex) {
        if (!enabled.getAsBoolean() && plain.contains(ifindex)) {
            return;
        }
        try (RouteSocket socket = RouteSocket.open(host)) {
            List<Queue> found = socket.queues(ifindex);
            if (!enabled.getAsBoolean()) {
                found.stream().filter(Queue::isOurs).forEach(queue -> socket.execute(queue.delete()));
                plain.add(ifindex);
                return;
            }
            plain.remove(ifindex);
            int hardwareQueues = socket.link(ifindex).map(Link::queues).orElse(1);
            if (!Queue.hasBands(found, hardwareQueues)) {
                socket.execute(Queue.bands(ifindex, hardwareQueues));
            }
        }
    }
}
