package io.terway.agent.policy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.agent.denial.AuditReports;
import io.terway.agent.denial.DenialFeed;
import io.terway.agent.denial.Names;
import io.terway.agent.denial.ServiceNames;
import io.terway.agent.flow.FlowLog;
import io.terway.agent.http.HttpProxy;
import io.terway.link.Address;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Judge;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.RequestPorts;
import io.terway.node.policy.TablePlace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** Policy on this node, put together. */
public final class PolicyParts implements AutoCloseable {

    private static final String SERVICE = "terway-policy";

    private final Enforcement enforcement;
    private final PolicyClient client;
    private final Cuts cuts;
    private final TableWatch watch;
    private final PodWatch podWatch;
    private final Denials denials;
    private final PodLogs podLogs;
    private final DenialFeed feed;
    private final Optional<FlowLog> flows;
    private final Optional<AuditReports> audit;
    private final HttpProxy proxy;
    private final PolicyMetrics metrics;
    private final NodeName node;
    private final Tampering tampering;

    /**
     * Where policy is enforced.
     *
     * @param namespace of the Leases
     * @param state directory for what must survive a restart
     * @param netns the node's network namespace
     */
    public record Settings(NodeName node, String namespace, Path state, Path netns, Told told) {

        /** For the namespace the process is in. */
        public Settings(NodeName node, String namespace, Path state, Told told) {
            this(node, namespace, state, Path.of("/proc/self/ns/net"), told);
        }

        /** Without anybody to tell. */
        public Settings(NodeName node, String namespace, Path state, Path netns) {
            this(node, namespace, state, netns, Told.NOBODY);
        }
    }

    /**
     * How replicas are called.
     *
     * @param token file with what tells them which node this is
     */
    public record Credentials(Supplier<Tls> tls, Optional<Path> token) {}

    /**
     * @param wanted false when policy is switched off on this node
     */
    public PolicyParts(
            Settings settings,
            Supplier<KubernetesClient> kubernetes,
            Credentials credentials,
            BooleanSupplier wanted,
            MeterRegistry registry) {
        this(
                settings,
                new Replicas(kubernetes, settings.namespace(), settings.state().resolve("terway-policy.addresses"))
                        ::find,
                address -> channel(address, settings.namespace(), credentials),
                wanted,
                registry);
    }

    /**
     * @param replicas where policy-service may be, in the order to try
     * @param channels makes a channel to one replica
     * @param wanted false when policy is switched off on this node
     */
    public PolicyParts(
            Settings settings,
            Supplier<List<Address>> replicas,
            Function<Address, LeaderChannel> channels,
            BooleanSupplier wanted,
            MeterRegistry registry) {
        node = settings.node();
        Told told = settings.told();
        tampering = new Tampering(node, told.notices());
        metrics = new PolicyMetrics(registry, node);
        NftKernel kernel = new NftKernel(settings.netns());
        PodTables inPods = new PodTables(
                settings.state().resolve("policy-inside"),
                () -> new PolicyTable(denials().log(kernel), TablePlace.POD, kernel.canLead()),
                kernel::canGuard);
        cuts = new Cuts(settings.netns(), () -> inPods.netns().values());
        metrics.cuts(cuts::total, cuts::owed);
        feed = new DenialFeed(names(ip -> denials().pod(ip).or(() -> told.pods().apply(ip))));
        denials = new Denials(settings.netns(), metrics, feed::accept);
        podLogs = new PodLogs(inPods::inside, (pod, packet) -> denials.tell(packet, () -> inPods.address(pod)));
        audit = told.audited() ? Optional.of(new AuditReports(node, this::channel)) : Optional.empty();
        audit.ifPresent(feed::audit);
        flows = told.flows()
                .map(limits -> new FlowLog(
                        node,
                        new FlowLog.Sources(
                                settings.netns(), () -> inPods.inside().values(), told.pods(), denials::judge),
                        names(told.pods()),
                        limits,
                        settings.state().resolve("flows"),
                        registry));
        proxy = new HttpProxy(settings.netns(), settings.node(), registry, denials::refused, told.notices());
        Table table = new Table(
                new KeptTable(kernel, () -> new PolicyTable(denials.log(kernel), TablePlace.NODE, kernel.canLead())),
                inPods,
                new PolicyCopy(settings.state().resolve("policy")),
                new Changes());
        enforcement = new Enforcement(table, this::isConnected, wanted);
        client = new PolicyClient(settings.node(), replicas, channels, enforcement);
        watch = new TableWatch(settings.netns(), enforcement::suspect);
        podWatch = new PodWatch(inPods::netns, enforcement::suspect);
    }

    private Names names(Function<Ip, Optional<PodLife>> own) {
        return new Names(own, new ServiceNames(this::channel), InstantSource.system());
    }

    private static LeaderChannel channel(Address address, String namespace, Credentials credentials) {
        return LeaderChannel.to(
                address,
                new LeaderChannel.Settings(
                        namespace, SERVICE, Optional.empty(), credentials.tls().get(), credentials.token()));
    }

    private boolean isConnected() {
        return client.isConnected();
    }

    private Optional<Channel> channel() {
        return client.channel();
    }

    private Denials denials() {
        return denials;
    }

    /** Whose policy it is. */
    public NodeName node() {
        return node;
    }

    /** What is denied, for those who watch. */
    public DenialFeed feed() {
        return feed;
    }

    /** Packets of each direction that the kernel tells in a second at most; 0: none. */
    public int toldPerSecond() {
        return denials.perSecond();
    }

    /** What the CNI verbs ask. */
    public PolicyGate gate() {
        return enforcement;
    }

    /** @param bound the pods that are connected already */
    public void start(Collection<Binding> bound) {
        enforcement.start(bound);
        cuts.start();
        watch.start();
        podWatch.start();
        denials.start();
        podLogs.start();
        feed.start();
        flows.ifPresent(FlowLog::start);
        audit.ifPresent(AuditReports::start);
        client.start();
    }

    /** Follows the switch that turns policy on or off; call it now and then. */
    public void follow() {
        enforcement.follow();
    }

    /** For people. */
    public String status() {
        return enforcement.isOn() ? client.status() : "switched off by disable_network_policy; " + client.status();
    }

    /** What must not end, by what it does. */
    public Map<String, BooleanSupplier> loops() {
        return Map.of(
                "enforcing policy", enforcement::isAlive,
                "following policy-service", client::isAlive,
                "ending forbidden connections", cuts::isAlive,
                "watching our nftables table", watch::isAlive,
                "watching nftables tables inside of pods", podWatch::isAlive,
                "reading denied packets", denials::isAlive,
                "reading what is denied inside of pods", podLogs::isAlive,
                "telling what was denied", feed::isAlive,
                "writing the flow log", () -> flows.map(FlowLog::isAlive).orElse(true),
                "reporting denied connections",
                        () -> audit.map(AuditReports::isAlive).orElse(true));
    }

    @Override
    public void close() {
        client.close();
        watch.close();
        podWatch.close();
        denials.close();
        podLogs.close();
        feed.close();
        flows.ifPresent(FlowLog::close);
        audit.ifPresent(AuditReports::close);
        proxy.close();
        cuts.close();
        enforcement.close();
    }

    private final class Changes implements TableListener {

        @Override
        public void wanted(NodePolicy next, Map<Binding, RequestPorts> asked) {
            proxy.follow(next, asked);
        }

        @Override
        public void wantedInside(Path pod, NodePolicy next) {
            proxy.follow(pod, next);
        }

        @Override
        public void left(Path pod) {
            proxy.leave(pod);
        }

        @Override
        public void changed(NodePolicy now, Set<Ip> addresses) {
            cuts.rejudge(new Judge(now), addresses);
        }

        @Override
        public void inForce(NodePolicy now) {
            denials.follow(now);
        }

        @Override
        public void repaired(Optional<PodLife> pod) {
            tampering.accept(pod);
        }

        @Override
        public void taken(Set<Ip> addresses) {
            cuts.settle(addresses);
        }

        @Override
        public void released(Set<Ip> addresses) {
            cuts.forget(addresses);
            proxy.forget(addresses);
        }

        @Override
        public void inStep(int transactions, int repairs, Duration took) {
            metrics.inStep(transactions, repairs, took);
        }
    }
}
