package io.terway.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.terway.agent.accel.Acceleration;
import io.terway.agent.accel.Allowed;
import io.terway.agent.apply.DatapathApplier;
import io.terway.agent.config.AgentConfig;
import io.terway.agent.ipam.Foresight;
import io.terway.agent.ipam.IpamClient;
import io.terway.agent.ipam.IpamLink;
import io.terway.agent.ipam.Quarantine;
import io.terway.agent.ipam.Rebuilding;
import io.terway.agent.ipam.Reports;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.metrics.AgentMetrics;
import io.terway.agent.node.AfterReboot;
import io.terway.agent.node.Chain;
import io.terway.agent.node.EniLinks;
import io.terway.agent.node.IdentitySource;
import io.terway.agent.node.InstanceMetadata;
import io.terway.agent.node.PluginWatch;
import io.terway.agent.node.Preflight;
import io.terway.agent.pods.PodCache;
import io.terway.agent.pods.PodLookup;
import io.terway.agent.policy.PolicyParts;
import io.terway.agent.policy.Told;
import io.terway.agent.repair.RepairLoop;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.SandboxCalls;
import io.terway.agent.sandbox.Supply;
import io.terway.agent.socket.CniSocket;
import io.terway.agent.socket.Spool;
import io.terway.link.Notices;
import io.terway.linux.ffm.KernelClock;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.wire.agent.v1.Node;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The agent as a whole. Order of the start: ledger, socket, spool, then everything that asks others; so the first ADD is
 * served before anybody else has answered.
 */
@Singleton
public class NodeAgent {

    private static final Logger LOG = Logger.getLogger(NodeAgent.class);

    private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);
    private static final Duration SWEEP = Duration.ofSeconds(60);

    private final AgentConfig config;
    private final Supplier<KubernetesClient> kubernetes;
    private final MeterRegistry registry;
    private final NodeName node;
    private final Preflight preflight;
    private final Notices notices;
    private final Optional<PluginWatch> plugin;
    private final Services services;
    private final Supply supply = new Supply();
    private final IpamLink link = new IpamLink();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("housekeeping").factory());
    private volatile Running running;
    private volatile List<ScheduledFuture<?>> tasks = List.of();

    NodeAgent(AgentConfig config, Instance<KubernetesClient> kubernetes, MeterRegistry registry) {
        this.config = config;
        this.kubernetes = kubernetes::get;
        this.registry = registry;
        this.node = new NodeName(config.nodeName());
        this.notices = new Notices(this.kubernetes, "terway-agent", config.nodeName());
        this.services = new Services(config, this.kubernetes);
        this.preflight = new Preflight(Path.of("/"), config.cni().confDir(), KernelClock::isKept);
        this.plugin = PluginWatch.of(config.cni());
    }

    void start(@Observes StartupEvent event) {
        preflight.log();
        try {
            running = assemble(DatapathApplier.open());
        } catch (IOException e) {
            throw new UncheckedIOException("the agent cannot serve in " + config.runDir() + ": " + e.getMessage(), e);
        }
        tasks = List.of(
                every(HOUSEKEEPING, new LoopGuard("housekeeping").task(this::housekeep)),
                every(SWEEP, new LoopGuard("sweeping").task(running.calls().sweep()::run)));
    }

    private ScheduledFuture<?> every(Duration period, Runnable task) {
        return timer.scheduleWithFixedDelay(task, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Running assemble(DatapathApplier applier) throws IOException {
        Path state = config.stateDir();
        BootClock clock = BootClock.open();
        Ledger ledger = Ledger.open(state, clock);
        PolicyParts policy = new PolicyParts(
                new PolicyParts.Settings(node, config.namespace(), state, told(ledger)),
                kubernetes,
                new PolicyParts.Credentials(services::tls, config.token()),
                () -> policyWanted(ledger),
                registry);
        Quarantine quarantine = Quarantine.open(state, ledger, applier::everyConnected);
        PodCache pods = PodCache.open(state.resolve("pods"));
        Chain chain = new Chain(config.cni().confDir());
        Datapath datapath = DatapathStack.of(
                applier, node, notices::post, ledger, quarantine::isBelieved, pods, chain, policy.gate());
        EniLinks links = new EniLinks(ledger, datapath, supply);
        InstanceMetadata metadata = new InstanceMetadata(config.metadata());
        IdentitySource identity =
                new IdentitySource(node, clock.bootId(), metadata, kubernetes, state.resolve("identity"));
        AfterReboot afterReboot = AfterReboot.open(state, clock::now, ledger, metadata::find);
        link.whenOpened(afterReboot::confirm);
        Reports reports = new Reports(link, () -> ledger.read(s -> s.coolDown()));
        Foresight foresight = new Foresight(node, ledger, link);
        IpamClient ipam = new IpamClient(
                services::ipam,
                identity::await,
                ledger,
                clock,
                pods,
                supply,
                link,
                foresight,
                reports,
                quarantine,
                new Rebuilding(ledger, clock, pods, datapath::everyConnected));
        AgentMetrics metrics = new AgentMetrics(registry, node, () -> running.figures());
        SandboxCalls calls = SandboxCalls.assemble(new SandboxCalls.Parts(
                node,
                ledger,
                clock,
                pods,
                new PodLookup(pods, kubernetes),
                link,
                foresight,
                afterReboot,
                links,
                datapath,
                supply,
                quarantine::reason,
                this::notReady,
                () -> chain.has("portmap"),
                () -> coolDownBegins(ledger),
                metrics::called));
        if (ledger.quarantine().isEmpty()) {
            calls.sweep().releaseEarlierBoots();
        }
        ledger.listen(reports);
        ledger.whenReplaced(() -> {
            links.adopt();
            Thread.startVirtualThread(calls.sweep()::readmit);
        });
        policy.start(ledger.readOld(s -> List.copyOf(s.bindings())));
        CniSocket socket = CniSocket.listen(config.runDir().resolve("cni.sock"), calls.server()::handle);
        LOG.infof("node %s is served at %s/cni.sock", node, config.runDir());
        links.start();
        reports.start();
        ipam.start();
        Spool spool = Spool.start(state.resolve("spool"), calls.server()::replay, clock.bootId());
        Map<String, BooleanSupplier> loops = new HashMap<>(policy.loops());
        loops.put("accepting CNI calls", socket::isOpen);
        loops.put("bringing links of ENIs up", links::isAlive);
        loops.put("reporting to ipam-service", reports::isAlive);
        loops.put("keeping a session with ipam-service", ipam::isAlive);
        loops.put("replaying parked DELs", spool::isAlive);
        loops.put("deleting retired links", applier::isAlive);
        RepairLoop repair = new RepairLoop(Path.of("/proc/self/ns/net"), ledger, applier, links, calls.sweep());
        repair.start();
        loops.put("repairing what others damage", repair::isAlive);
        Optional<Acceleration> acceleration = config.acceleration()
                ? Optional.of(Acceleration.start(DatapathApplier.HOST, Allowed.of(ledger, pods, chain)))
                : Optional.empty();
        acceleration.ifPresent(a -> loops.put("accelerating connections of pods", a::isAlive));
        return new Running(
                ledger,
                clock,
                links,
                identity,
                reports,
                ipam,
                quarantine,
                calls,
                socket,
                spool,
                policy,
                acceleration,
                loops);
    }

    private static boolean policyWanted(Ledger ledger) {
        return ledger.read(s -> s.config()).map(c -> c.options().policy()).orElse(true);
    }

    private Told told(Ledger ledger) {
        return new Told(
                notices::post,
                ip -> ledger.read(s -> s.holder(ip)).map(Binding::pod),
                config.auditDenials(),
                config.flowLog().limits());
    }

    /** Once a second: what waits for time to pass. */
    private void housekeep() {
        Running now = running;
        now.calls().releases().writeOwed();
        now.policy().follow();
        Optional<Boolean> ownHostPorts =
                now.ledger().read(s -> s.config()).map(c -> c.options().nativeHostPort());
        if (ownHostPorts.isPresent() && notReady().isEmpty()) {
            plugin.ifPresent(watch -> watch.look(ownHostPorts.get(), System.nanoTime()));
        }
    }

    private void coolDownBegins(Ledger ledger) {
        Duration coolDown = ledger.read(s -> s.coolDown());
        timer.schedule(supply::changed, coolDown.toMillis() + 1, TimeUnit.MILLISECONDS);
    }

    /** Why ADDs cannot be served; empty when they can. */
    public String notReady() {
        Running now = running;
        if (now == null) {
            return "the agent is starting";
        }
        String closed = now.quarantine().reason();
        if (!closed.isEmpty()) {
            return closed;
        }
        return now.ledger().read(s -> s.config()).isEmpty() ? "ipam-service has not configured this node yet" : "";
    }

    /** Why the agent has not started; empty when it has. */
    public String notStarted() {
        return running == null ? "the agent is starting" : "";
    }

    /** Why a restart is needed; empty when it is not. */
    public String notAlive() {
        Running now = running;
        if (now == null) {
            return "";
        }
        if (tasks.stream().anyMatch(ScheduledFuture::isDone)) {
            return "this has ended: housekeeping";
        }
        return now.ended().map(loop -> "this has ended: " + loop).orElse("");
    }

    /** What on the node gets into pods' way. */
    public List<Preflight.Finding> findings() {
        return preflight.findings();
    }

    /** The node for terway-cli. */
    public Node show() {
        return running.show(node, findings());
    }

    /** Policy on this node; empty before the start. */
    public Optional<PolicyParts> policy() {
        return Optional.ofNullable(running).map(Running::policy);
    }

    void stop(@Observes ShutdownEvent event) throws IOException {
        Running now = running;
        timer.shutdownNow();
        if (now != null) {
            now.close();
        }
        notices.close();
    }
}
