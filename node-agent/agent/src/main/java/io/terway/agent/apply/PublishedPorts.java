package io.terway.agent.apply;

import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.sysctl.Sysctl;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NftTable;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.hostport.HostPort;
import io.terway.node.hostport.HostPortTable;
import io.terway.node.hostport.Published;
import io.terway.node.policy.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A datapath that leads ports of the node to pods. One table holds them all; it is compared and, where it differs, replaced
 * in one transaction, with each ADD and DEL of a pod that has some and with every look at the node.
 */
public final class PublishedPorts extends ForwardingDatapath {

    private final Path host;
    private final Supplier<List<Published>> booked;
    private final Function<SandboxKey, Optional<Published>> one;
    private final BooleanSupplier believed;
    private final NodeTable table;

    /**
     * @param host the node's network namespace
     * @param booked what the ledger holds
     * @param one likewise, of one sandbox
     * @param believed false while the ledger may have lost some: then nobody's port is taken away
     */
    public PublishedPorts(
            Path host,
            Datapath below,
            Supplier<List<Published>> booked,
            Function<SandboxKey, Optional<Published>> one,
            BooleanSupplier believed) {
        super(below);
        this.host = host;
        this.booked = booked;
        this.one = one;
        this.believed = believed;
        this.table = new NodeTable(host, HostPortTable.NAME, this::wanted);
    }

    /** None while no port leads anywhere. */
    private Optional<NftTable> wanted(Set<SandboxKey> leaving) {
        List<Published> all = booked.get();
        List<Published> staying = new ArrayList<>(
                all.stream().filter(p -> !leaving.contains(p.key())).toList());
        if (!believed.getAsBoolean()) {
            staying.addAll(unknown(all));
        }
        return staying.isEmpty() ? Optional.empty() : Optional.of(HostPortTable.of(staying));
    }

    /** What the table leads to addresses that the ledger does not know, unless a pod that it knows has the port by now. */
    private List<Published> unknown(List<Published> known) {
        Map<Ip, List<HostPort>> led = NodeTable.listing(host, HostPortTable.NAME)
                .map(HostPortTable::read)
                .orElse(Map.of());
        return led.entrySet().stream()
                .filter(e -> known.stream().noneMatch(p -> p.addresses().contains(e.getKey())))
                .map(e -> new Published(
                        new SandboxKey("unknown", e.getKey().toString(), "eth0"),
                        List.of(e.getKey()),
                        e.getValue().stream()
                                .filter(port -> known.stream()
                                        .flatMap(p -> p.ports().stream())
                                        .noneMatch(port::collidesWith))
                                .toList()))
                .filter(p -> !p.ports().isEmpty())
                .toList();
    }

    @Override
    public AddResult add(PodAttachment pod) {
        AddResult result = super.add(pod);
        Optional<Published> published = one.apply(pod.key());
        if (!(result instanceof AddResult.Plumbed) || published.isEmpty()) {
            return result;
        }
        if (pod.connection() instanceof Connection.NicInPod nic && !nic.hostPeer()) {
            return new AddResult.Failed(
                    "lead hostPort " + published.get().ports().getFirst() + " to " + pod.pod(),
                    "the pod has no link to the host (disable_host_peer is true); take the hostPort away or let pods have"
                            + " the link");
        }
        try {
            table.enter(pod.key()); // before the link lets the loopback's addresses pass, which the table guards
            NetnsThread.run(host, () -> Sysctl.ensure(loopbackPasses(pod), "1"));
            forget(published.get(), entry -> isStale(entry, published.get()));
            return result;
        } catch (KernelRefusal e) {
            return new AddResult.Failed(e.what(), e.reason());
        }
    }

    @Override
    public CheckResult check(PodAttachment pod) {
        CheckResult result = super.check(pod);
        if (one.apply(pod.key()).isEmpty()) {
            return result;
        }
        List<String> differences = new ArrayList<>();
        if (!table.isInPlace()) {
            differences.add("host nft table " + HostPortTable.NAME + " is missing or differs");
        }
        Optional<String> loopback = NetnsThread.call(host, () -> Sysctl.read(loopbackPasses(pod)));
        if (loopback.filter(value -> !value.equals("1")).isPresent()) {
            differences.add("host sysctl " + loopbackPasses(pod) + " is not 1");
        }
        return result.with(differences);
    }

    private static String loopbackPasses(PodAttachment pod) {
        return "net/ipv4/conf/" + LinkNames.hostLink(pod.pod(), pod.key().ifName()) + "/route_localnet";
    }

    @Override
    public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        DelResult result = super.del(key, pod, netnsOrNull, addresses);
        Optional<Published> published = one.apply(key);
        if (!(result instanceof DelResult.Removed) || published.isEmpty()) {
            return result;
        }
        try {
            table.leave(key);
            forget(published.get(), entry -> isLed(entry, published.get()));
            return result;
        } catch (KernelRefusal e) {
            return new DelResult.Failed(e.what(), e.reason());
        }
    }

    /** Answers must leave by the link their question came by, whatever the configuration says of other traffic. */
    @Override
    public NodeResult ensureNode(NodeNetwork node) {
        List<Published> all = booked.get();
        NodeResult result = super.ensureNode(all.isEmpty() ? node : node.symmetrical());
        try {
            table.booked(all.stream().map(Published::key).collect(Collectors.toSet()));
            return result.with(table.apply());
        } catch (KernelRefusal e) {
            return new NodeResult.Failed(e.what(), e.reason());
        }
    }

    /** A datagram flow never ends while somebody sends, and keeps going where its first packet went. */
    private void forget(Published pod, Predicate<ConntrackEntry> doomed) {
        if (pod.ports().stream().noneMatch(port -> port.transport() == Transport.UDP)) {
            return;
        }
        try (Conntrack conntrack = Conntrack.open(host)) {
            List<ConntrackEntry> found = new ArrayList<>();
            conntrack.forEach(entry -> {
                if (entry.protocol() == Transport.UDP.number() && doomed.test(entry)) {
                    found.add(entry);
                }
            });
            conntrack.delete(found);
        }
    }

    /** It was led to this pod. */
    private static boolean isLed(ConntrackEntry entry, Published pod) {
        return pod.addresses().contains(entry.translated())
                && !entry.translated().equals(entry.to())
                && pod.ports().stream().anyMatch(port -> port.podPort() == entry.translatedPort());
    }

    /** It went to the node itself, because the port led nowhere yet. */
    private static boolean isStale(ConntrackEntry entry, Published pod) {
        return entry.translated().equals(entry.to())
                && pod.ports().stream()
                        .anyMatch(port -> port.port() == entry.translatedPort()
                                && port.at().contains(entry.to()));
    }
}
