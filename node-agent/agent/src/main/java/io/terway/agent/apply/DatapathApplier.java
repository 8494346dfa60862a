package io.terway.agent.apply;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Link;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.DatapathOp;
import io.terway.node.datapath.DatapathPlanner;
import io.terway.node.datapath.DatapathState;
import io.terway.node.datapath.DelPlan;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.LinkEntry;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.NodePlan;
import io.terway.node.datapath.NodeUplink;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Wiring;
import io.terway.node.ledger.Witnesses;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Connects pods to the VPC in the kernel. All methods may be called from any thread, concurrently for different pods;
 * each runs on a fresh platform thread with sockets of its own, so there is no lock across pods but the kernel's.
 */
public final class DatapathApplier implements AutoCloseable {

    /** The agent runs in the node's own network namespace. */
    public static final Path HOST = Path.of("/proc/self/ns/net");

    private final Path hostNetns;
    private final HostNamespace host;
    private final Reaper reaper;
    private final KernelFeatures features = new KernelFeatures();
    private final Enis enis = new Enis();
    private volatile int uplinkMtu;

    private DatapathApplier(Path hostNetns) {
        this.hostNetns = hostNetns;
        host = new HostNamespace(hostNetns);
        reaper = new Reaper(hostNetns);
    }

    /**
     * Links the foreign functions and takes a pod of its own through life, some 300 ms, so that the first real pod is
     * as quick as the next. Call once, at start.
     *
     * @throws KernelRefusal when the process may not enter or make network namespaces (CAP_SYS_ADMIN, CAP_NET_ADMIN)
     */
    public static DatapathApplier open() {
        return open(HOST);
    }

    /** As {@link #open()}, for a node whose network namespace is not the process's own. */
    public static DatapathApplier open(Path hostNetns) {
        DatapathApplier applier = new DatapathApplier(hostNetns);
        applier.warmUp();
        return applier;
    }

    /** The wanted datapath, or the nearest one that this kernel has. The same answer for the life of the process. */
    public Connection supported(Connection wanted) {
        return features.supported(wanted);
    }

    /** Connects the sandbox, or repairs its connection. Idempotent. */
    public AddResult add(PodAttachment pod) {
        try {
            return host.call("add " + pod.pod(), session -> add(session, pod));
        } catch (KernelRefusal e) {
            return new AddResult.Failed(e.what(), e.reason());
        } catch (UncheckedIOException e) {
            return new AddResult.Failed(e.getMessage(), e.getCause().toString());
        }
    }

    /** Compares everything with what {@link #add} makes; changes nothing. */
    public CheckResult check(PodAttachment pod) {
        try {
            return host.call("check " + pod.pod(), session -> check(session, pod));
        } catch (KernelRefusal | UncheckedIOException e) {
            return new CheckResult.Differs(List.of(e.getMessage()));
        }
    }

    /**
     * Cuts the sandbox off. Idempotent; a late call for an old sandbox leaves the pod's next one alone.
     *
     * @param netnsOrNull where an ENI of its own comes home from; null or gone when the sandbox is no more: the kernel then
     *     has returned real ENIs to the host, and taken every other link of the pod along
     * @param addresses as far as they are known; the routes through the pod's own link are found without
     */
    public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        try {
            return host.call("del " + pod, session -> del(session, key, pod, netnsOrNull, addresses));
        } catch (KernelRefusal e) {
            return new DelResult.Failed(e.what(), e.reason());
        } catch (UncheckedIOException e) {
            return new DelResult.Failed(e.getMessage(), e.getCause().toString());
        }
    }

    /** Brings the ENI's link and route table up. Idempotent. */
    public EniResult ensureEni(EniAttachment eni) {
        try {
            return host.call("eni " + eni.id(), session -> enis.ensure(session, eni, 0))
                    .<EniResult>map(
                            link -> new EniResult.Ready(link.name(), link.index(), Conventions.table(link.index())))
                    .orElseGet(EniResult.Absent::new);
        } catch (KernelRefusal e) {
            return new EniResult.Failed(e.what(), e.reason());
        } catch (UncheckedIOException e) {
            return new EniResult.Failed(e.getMessage(), e.getCause().toString());
        }
    }

    /**
     * What one cheap look tells.
     *
     * @param pods those that deserve a whole check
     * @param enisIntact false when the link of an ENI is down or does not forward
     */
    public record QuickLook(Set<SandboxKey> pods, boolean enisIntact) {}

    /**
     * Looks at the links of the host and at the tags of trunks, whose maps change unannounced. Pods with a link of the VPC's
     * own have tables inside, so they are always named.
     */
    public QuickLook quickLook(Collection<PodAttachment> pods) {
        Set<SandboxKey> suspects = new LinkedHashSet<>();
        List<Link> links = host.call("quick look", session -> {
            List<Link> found = session.links();
            suspects.addAll(session.untagged(pods, found));
            return found;
        });
        suspects.addAll(QuickCheck.suspects(pods, links));
        pods.stream()
                .filter(pod -> pod.connection() instanceof Connection.NicInPod)
                .forEach(pod -> suspects.add(pod.key()));
        return new QuickLook(suspects, QuickCheck.enisIntact(enis.needed(), links));
    }

    /** The largest MTU that the link can have which such a pod's packets leave by; 0 when that is unknown. */
    public int largestMtu(Connection connection) {
        return switch (connection) {
            case Connection.PolicyRoute(EniAttachment eni) -> enis.largestMtu(eni);
            case Connection.TrunkTag(EniAttachment _, EniAttachment trunk, int _) -> enis.largestMtu(trunk);
            case Connection.NicInPod nic -> enis.largestMtu(nic.parent());
            case Connection.VpcRoute _ -> 0;
        };
    }

    /** The MTU of the node's own link when it was last looked at; 0 when that is unknown. */
    public int uplinkMtu() {
        return uplinkMtu;
    }

    /** Brings the node as a whole into the wanted state. Idempotent. */
    public NodeResult ensureNode(NodeNetwork node) {
        try {
            return host.call("node", session -> {
                List<NodeUplink> uplinks = session.uplinks(node.families());
                uplinkMtu = session.mtu(uplinks);
                DatapathState wanted = NodePlan.wanted(node, uplinks);
                List<DatapathOp> ops = DatapathPlanner.plan(wanted, session.observeNode(wanted));
                session.execute(ops);
                return new NodeResult.Ready(
                        ops.stream().map(DatapathOp::toString).toList());
            });
        } catch (KernelRefusal e) {
            return new NodeResult.Failed(e.what(), e.reason());
        } catch (UncheckedIOException e) {
            return new NodeResult.Failed(e.getMessage(), e.getCause().toString());
        }
    }

    /** Every sandbox that is connected, whoever remembers it. */
    public List<Witnesses.Connected> everyConnected() {
        return Witness.of(hostNetns);
    }

    /** False when it no longer tidies up behind itself; a restart would mend that. */
    public boolean isAlive() {
        return reaper.isAlive();
    }

    @Override
    public void close() {
        reaper.close();
        host.close();
    }

    private AddResult add(KernelSession session, PodAttachment pod) {
        long start = System.nanoTime();
        session.openPod(pod.netns());
        return switch (Plans.of(session, pod, (eni, mtu) -> enis.usable(session, eni, mtu))) {
            case Plans.Plan.NoLink missing ->
                new AddResult.NoEni(missing.id(), missing.eni().mac());
            case Plans.Plan.Known(Wiring wanted) -> {
                List<DatapathOp> ops = DatapathPlanner.plan(wanted, session.observe(pod, wanted.state()));
                long observed = System.nanoTime() - start;
                PlanExecution done = session.execute(ops);
                if (done.retired()) {
                    reaper.wake();
                }
                yield new AddResult.Plumbed(
                        wanted.state().host().links().stream()
                                .map(LinkEntry::name)
                                .findFirst()
                                .orElse(""),
                        LinkNames.hostMac(pod.key()),
                        wanted.podLink().mac(),
                        new Stages(Duration.ofNanos(observed), done.onHost(), done.inPod(), ops.size()));
            }
        };
    }

    private CheckResult check(KernelSession session, PodAttachment pod) {
        List<DatapathOp> ops = new ArrayList<>();
        session.openPod(pod.netns());
        Plans.Plan plan = Plans.of(session, pod, (eni, mtu) -> {
            Optional<Link> link = session.eni(eni.mac());
            link.ifPresent(found -> {
                DatapathState wanted = Enis.wanted(session, eni, found, mtu);
                ops.addAll(DatapathPlanner.plan(wanted, session.observeEni(wanted)));
            });
            return link;
        });
        return switch (plan) {
            case Plans.Plan.NoLink missing ->
                new CheckResult.Differs(
                        List.of("no link has MAC " + missing.eni().mac() + " of " + missing.id()));
            case Plans.Plan.Known(Wiring wanted) -> {
                ops.addAll(DatapathPlanner.plan(wanted, session.observe(pod, wanted.state())));
                yield ops.isEmpty()
                        ? new CheckResult.Intact()
                        : new CheckResult.Differs(
                                ops.stream().map(DatapathOp::toString).toList());
            }
        };
    }

    private DelResult del(KernelSession session, SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        long start = System.nanoTime();
        if (netnsOrNull != null && Files.exists(netnsOrNull)) {
            session.openPod(netnsOrNull);
        }
        DatapathState found = session.observeForDel(LinkNames.hostLink(pod, key.ifName()), addresses);
        List<DatapathOp> ops = DelPlan.plan(key, pod, addresses, found);
        long observed = System.nanoTime() - start;
        PlanExecution done = session.execute(ops);
        if (done.retired()) {
            reaper.wake();
        }
        return new DelResult.Removed(new Stages(Duration.ofNanos(observed), done.onHost(), done.inPod(), ops.size()));
    }

    private void warmUp() {
        WarmUp.run((session, pod) -> {
            add(session, pod);
            del(session, pod.key(), pod.pod(), null, pod.addresses());
            enis.forget(WarmUp.ENI);
        });
    }
}
