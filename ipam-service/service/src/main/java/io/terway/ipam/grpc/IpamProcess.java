package io.terway.ipam.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.terway.ipam.FixedSettings;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.Retention;
import io.terway.ipam.Shard;
import io.terway.ipam.audit.AuditTrail;
import io.terway.ipam.cloud.CloudCalls;
import io.terway.ipam.cloud.CloudWatch;
import io.terway.ipam.cloud.EniManager;
import io.terway.ipam.config.IpamConfig;
import io.terway.ipam.config.Shards;
import io.terway.ipam.k8s.ApiClock;
import io.terway.ipam.k8s.ConfigOverrides;
import io.terway.ipam.k8s.ConfigWatch;
import io.terway.ipam.k8s.EventWriter;
import io.terway.ipam.k8s.ExpectedPods;
import io.terway.ipam.k8s.FixedOwners;
import io.terway.ipam.k8s.NamespaceWatch;
import io.terway.ipam.k8s.NodeInfoWatch;
import io.terway.ipam.k8s.NodeInfoWriter;
import io.terway.ipam.k8s.NodeWatch;
import io.terway.ipam.k8s.NodeWriter;
import io.terway.ipam.k8s.PodDirectory;
import io.terway.ipam.k8s.PodNetInfoWatch;
import io.terway.ipam.k8s.PodNetInfoWriter;
import io.terway.ipam.k8s.PodWatch;
import io.terway.ipam.k8s.PodsElsewhere;
import io.terway.ipam.k8s.Releases;
import io.terway.ipam.k8s.ShardNodes;
import io.terway.ipam.k8s.StatefulSetWatch;
import io.terway.ipam.leader.Figures;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.ipam.webhook.ZoneHint;
import io.terway.ipam.webhook.ZoneWebhook;
import io.terway.link.Leadership;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The process: its parts, their start and their end. */
@ApplicationScoped
public class IpamProcess {

    private static final Logger LOG = Logger.getLogger(IpamProcess.class);
    /** Name of the TLS configuration of profile mtls. */
    private static final String TLS = "grpc";

    private final KubernetesClient client;
    private final IpamConfig config;
    private final Shard shard;
    private final Tickets tickets = new Tickets();
    private final PodDirectory directory = new PodDirectory();
    private final SessionHub sessions;
    private final Terms terms;
    private final EventWriter events;
    private final NodeWriter writer;
    private final NodeInfoWatch infoWatch;
    private final NodeInfoWriter infos;
    private final CloudCalls calls;
    private final CloudWatch cloudWatch;
    private final ConfigWatch configWatch;
    private final ConfigOverrides overrides;
    private final NodeWatch nodeWatch;
    private final NamespaceWatch namespaceWatch;
    private final PodNetInfoWatch fixedWatch;
    private final PodNetInfoWriter fixed;
    private final ExpectedPods expected;
    private final PodsElsewhere elsewhere;
    private final StatefulSetWatch statefulSets;
    private final PodWatch podWatch;
    private final FixedOwners owners;
    private final Optional<ZoneWebhook> webhook;
    private volatile Optional<Leadership> leadership = Optional.empty();

    IpamProcess(
            KubernetesClient client,
            IpamConfig config,
            EniManager eniManager,
            AuditTrail audit,
            MeterRegistry registry,
            Vertx vertx,
            TlsConfigurationRegistry tls) {
        this.client = client;
        this.config = config;
        shard = Shards.of(config);
        var nodes = new ShardNodes(shard);
        sessions = new SessionHub(directory, config.maxSessions());
        events = new EventWriter(client, config.namespace());
        writer = new NodeWriter(client);
        var settings = new FixedSettings(
                config.fixed().most(),
                config.fixed().releasesPerMinute(),
                Retention.parse(config.fixed().retention()));
        terms = new Terms(
                (loop, command) -> effects().accept(loop, command), term -> new IpamLoop(term, settings, shard));
        infoWatch = new NodeInfoWatch(client, terms);
        infos = new NodeInfoWriter(client, infoWatch::stored);
        calls = new CloudCalls(eniManager, this::seen);
        configWatch = new ConfigWatch(client, config.namespace(), terms, events);
        overrides = new ConfigOverrides(client, config.namespace(), configWatch);
        nodeWatch = new NodeWatch(client, terms, overrides::named, nodes);
        namespaceWatch = new NamespaceWatch(client, terms);
        fixedWatch = new PodNetInfoWatch(client, terms);
        cloudWatch = new CloudWatch(
                eniManager,
                terms,
                vSwitches -> configWatch.vpc(vSwitches, nodeWatch.podCidrs()),
                fixedWatch::unnamed,
                nodes::serves);
        var clock = new ApiClock(client);
        fixed = new PodNetInfoWriter(client, clock);
        expected = new ExpectedPods(terms);
        elsewhere = new PodsElsewhere(terms);
        statefulSets = new StatefulSetWatch(client);
        podWatch = new PodWatch(client, directory, expected, events, statefulSets, nodes, elsewhere);
        configWatch.listen(conf -> podWatch.statefulKinds(conf.statefulKinds()));
        owners = new FixedOwners(terms, fixedWatch, podWatch, statefulSets);
        var releases = new Releases(client, clock, statefulSets, events);
        var hint = new ZoneHint(fixedWatch::zone, statefulSets::bindable);
        webhook = config.webhook()
                .port()
                .map(port -> new ZoneWebhook(
                        vertx,
                        config.webhook().host(),
                        port,
                        tls.get(TLS).map(TlsConfiguration::getKeyStoreOptions),
                        hint));
        var metrics =
                new IpamMetrics(registry, this::figures, () -> terms.current().isPresent() ? 1 : 0);
        effects = new Effects(
                sessions, tickets, calls, writer, infos, fixed, releases, events, audit, metrics, this::seen);
    }

    private final Effects effects;

    private Effects effects() {
        return effects;
    }

    void start(@Observes StartupEvent event) {
        terms.follow(calls);
        terms.follow(configWatch);
        terms.follow(infoWatch);
        terms.follow(nodeWatch);
        terms.follow(namespaceWatch);
        terms.follow(fixedWatch);
        terms.follow(owners);
        terms.follow(expected);
        terms.follow(elsewhere);
        terms.follow(cloudWatch);
        terms.follow(new Terms.Follower() {
            @Override
            public void begins(LoopThread loop) {}

            @Override
            public void ends(LoopThread loop) {
                sessions.endAll(SessionHub.NOT_LEADER);
                tickets.failAll(SessionHub.NOT_LEADER);
            }
        });
        configWatch.start();
        infoWatch.start();
        nodeWatch.start(() -> podWatch.start(owners::listed)); // whose pods they are is known by the nodes
        namespaceWatch.start();
        statefulSets.start(owners::listed);
        fixedWatch.start(owners::listed);
        webhook.ifPresent(ZoneWebhook::start);
        if (config.leaderElection()) {
            String advertise = config.advertise()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "terway.advertise is not set; it must be host:port, where agents reach this process"));
            leadership = Optional.of(Leadership.start(
                    client, Leadership.Settings.of(config.namespace(), shard.lease(), advertise), terms));
        } else {
            terms.elected(1);
        }
    }

    void renewed(@Observes CertificateUpdatedEvent event) {
        if (event.name().equals(TLS)) {
            webhook.ifPresent(hook -> hook.renew(event.tlsConfiguration().getKeyStoreOptions()));
        }
    }

    void stop(@Observes ShutdownEvent event) {
        webhook.ifPresent(ZoneWebhook::close);
        leadership.ifPresent(lead -> lead.close(() -> calls.open() == 0));
        terms.close();
        sessions.close();
        cloudWatch.close();
        podWatch.close();
        statefulSets.close();
        infoWatch.close();
        nodeWatch.close();
        namespaceWatch.close();
        fixedWatch.close();
        fixed.close();
        overrides.close();
        configWatch.close();
        writer.close();
        infos.close();
        events.close();
    }

    Terms terms() {
        return terms;
    }

    SessionHub sessions() {
        return sessions;
    }

    PodDirectory pods() {
        return directory;
    }

    Tickets tickets() {
        return tickets;
    }

    /** The watches have their first full lists. */
    boolean synced() {
        return nodeWatch.synced()
                && podWatch.synced()
                && configWatch.synced()
                && overrides.synced()
                && infoWatch.synced()
                && fixedWatch.synced();
    }

    /** The threads of leadership live, and the loop does when we lead. */
    boolean alive() {
        return terms.current().map(LoopThread::alive).orElse(true)
                && leadership.map(Leadership::alive).orElse(true);
    }

    /** Somebody has seen a term above ours. */
    private void seen(long term) {
        if (leadership.isEmpty()) {
            LOG.errorf(
                    "term %d was seen by others, but this single run leads term 1 for ever; switch "
                            + "terway.leader-election on, or remove the state that remembers it",
                    term);
        }
        leadership.ifPresent(lead -> lead.outrank(term));
    }

    private Figures figures() {
        return terms.current().map(LoopThread::figures).orElse(Figures.NONE);
    }
}
