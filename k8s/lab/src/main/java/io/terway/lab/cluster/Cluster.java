package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.lab.fabric.Router;
import io.terway.lab.pod.CniChain;
import io.terway.lab.pod.PodRuntime;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One running lab: nodes, components and pods. {@link #bringUp} is called once; the rest by any thread after it
 * ended, except {@link #processes} and {@link #components}, which always answer.
 */
final class Cluster implements AutoCloseable {
    /** For a file that a ready component writes. */
    private static final Duration FILE_LIMIT = Duration.ofSeconds(30);

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    /** A JVM that makes its class archive ends only then. */
    private static final Duration TRAINING_LIMIT = Duration.ofSeconds(240);

    private static final String AGENT_ACCOUNT = "terway";

    private final ClusterSpec spec;
    private final Layout layout;
    private final Launches launches;
    private final Progress progress;
    private final Authority authority = new Authority();
    private final Processes processes = new Processes();
    private final List<NodeName> names;
    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile CloudFacts cloud;
    private volatile List<LabNode> nodes = List.of();
    private volatile Kube kube;
    private volatile PodRuntime pods;
    private volatile ApiRelay relay;

    Cluster(ClusterSpec spec, Layout layout, Launches launches, Progress progress) {
        this.spec = spec;
        this.layout = layout;
        this.launches = launches;
        this.progress = progress;
        this.names =
                IntStream.rangeClosed(1, spec.nodes()).mapToObj(LabNode::nameOf).toList();
    }

    /**
     * Starts everything, in the order of dependence, at the same time where nothing depends.
     *
     * @throws Refusal at the first component that does not come up; what runs then is left to {@link #close}
     */
    void bringUp() {
        Router.make(Addresses.SERVICES, List.of(Addresses.METADATA), names);
        progress.say("network namespaces of " + names.size() + " nodes and the VPC router");
        tellMissingNatives();
        CompletableFuture<Void> api = inBackground(this::startApi);
        CompletableFuture<Void> cloudUp = inBackground(this::startCloud);
        join(cloudUp);
        join(api);
        Component.SERVICES.forEach(service -> identify(service, service.account(), Optional.empty()));
        CompletableFuture<Void> objects = inBackground(this::writeObjects);
        // The services wait for their lease and their ConfigMap by watching: they may start before the objects are
        // there.
        List<CompletableFuture<Void>> starting = new ArrayList<>();
        Component.SERVICES.forEach(service -> starting.add(inBackground(() -> startReady(service))));
        join(objects);
        nodes.forEach(node -> starting.add(inBackground(() -> startNode(node))));
        starting.forEach(Cluster::join);
        progress.say("ready: " + nodes.size() + " nodes");
    }

    private void tellMissingNatives() {
        List<String> missing = Stream.concat(
                        Component.SERVICES.stream()
                                .filter(service -> !launches.hasNative(service.folder()))
                                .map(Component.Service::name),
                        Stream.of("node-agent").filter(name -> !launches.hasNative("node-agent/agent")))
                .toList();
        if (spec.natives() && !missing.isEmpty()) {
            progress.say(
                    "no native binary of " + String.join(", ", missing) + ": on the JVM (./mvnw -Dnative builds them)");
        }
    }

    private void startApi() {
        if (spec.kubeconfig().isPresent()) {
            relay = ApiRelay.inside(spec.kubeconfig().get(), layout);
            progress.say("relay to the API server " + relay.server());
        } else {
            startReady(new Component.Api());
        }
        kube = Kube.open(layout.kubeconfig());
        pods = new PodRuntime(kube, layout);
        kube.namespaces();
        kube.serviceAccounts(Stream.concat(
                        Stream.of(AGENT_ACCOUNT), Component.SERVICES.stream().map(Component.Service::account))
                .toList());
    }

    private void startCloud() {
        startReady(new Component.Cloud());
        awaitTrue(
                () -> Files.exists(layout.cloudFacts()),
                () -> "the cloud serves but has not plugged its instances (" + layout.log("cloud") + ")");
        cloud = CloudFacts.read(layout.cloudFacts());
        List<LabNode> found = new ArrayList<>();
        for (int number = 1; number <= names.size(); number++) {
            found.add(node(number));
        }
        nodes = List.copyOf(found);
    }

    private LabNode node(int number) {
        NodeName name = names.get(number - 1);
        CloudFacts.Instance instance = cloud.instances().stream()
                .filter(candidate -> candidate.node().equals(name.value()))
                .findFirst()
                .orElseThrow(() -> new Refusal("the cloud has no instance for " + name));
        return new LabNode(
                name,
                new ZoneId(instance.zone()),
                Stream.of(instance.ip(), instance.ip6())
                        .filter(text -> !text.isEmpty())
                        .map(Ip::parse)
                        .toList(),
                new InstanceId(instance.id()),
                new InstanceType(instance.type()),
                LabNode.podCidrsOf(number, spec.stack()));
    }

    private void writeObjects() {
        kube.applyDirectory(launches.root().resolve("k8s/crds"));
        kube.applyDirectory(launches.root().resolve("k8s/crds/policy"));
        kube.eniConfig(spec.eniConfig().map(EniConfig::read).orElseGet(() -> EniConfig.standard(spec, cloud)));
        nodes.forEach(node -> kube.node(node, cloud.region()));
        progress.say("nodes, eni-config and custom resources in Kubernetes");
    }

    private void startNode(LabNode node) {
        NodeDirectories.make(layout.node(node.name()));
        var agent = new Component.NodeAgent(node.name());
        identify(agent, AGENT_ACCOUNT, Optional.of(node.name()));
        startReady(agent);
        // As kubelet: no network configuration, no ready node. The agent installs it once it serves.
        Path configuration = layout.node(node.name()).cniConf();
        awaitTrue(() -> CniChain.present(configuration), () -> "no network configuration in " + configuration);
        kube.nodeReady(node, true);
    }

    /** Polls until the condition holds; {@code what} says what is missing when it does not in time. */
    private static void awaitTrue(BooleanSupplier condition, Supplier<String> what) {
        long deadline = System.nanoTime() + FILE_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new Refusal(what.get() + " after " + FILE_LIMIT.toSeconds() + " s");
            }
            sleep();
        }
    }

    /** What kubelet mounts into a pod of ours: its certificate and its token. */
    private void identify(Component component, String account, Optional<NodeName> node) {
        Path identity = layout.identity(component.name());
        authority.issue(account, identity);
        try {
            Files.writeString(identity.resolve("token"), kube.token(account, node));
        } catch (IOException e) {
            throw new Refusal("cannot write " + identity.resolve("token") + ": " + e.getMessage());
        }
    }

    /** Starts a component again after a kill, and waits until it serves. */
    void startReady(Component component) {
        long begun = System.nanoTime();
        processes.start(component, launch(component));
        processes.awaitReady(component);
        progress.say("%s ready (%.1f s)".formatted(component.name(), (System.nanoTime() - begun) / 1e9));
    }

    private Launch launch(Component component) {
        return switch (component) {
            case Component.Cloud one -> launches.cloud();
            case Component.Api one -> launches.api();
            case Component.Service service -> launches.service(service, cloud);
            case Component.NodeAgent agent -> launches.agent(node(agent.node()));
        };
    }

    /**
     * The node of this name.
     *
     * @throws Refusal naming the ones there are
     */
    LabNode node(NodeName name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Refusal("no node '" + name + "'; there are "
                        + String.join(", ", names.stream().map(NodeName::value).toList())));
    }

    List<Component> components() {
        return Component.all(names, spec.kubeconfig().isEmpty());
    }

    Processes processes() {
        return processes;
    }

    List<LabNode> nodes() {
        return nodes;
    }

    CloudFacts cloud() {
        return cloud;
    }

    Kube kube() {
        return kube;
    }

    PodRuntime pods() {
        return pods;
    }

    Layout layout() {
        return layout;
    }

    /** Ends every process. An API server outside gets its nodes and pods taken back first. */
    @Override
    public void close() {
        if (relay != null && pods != null) {
            pods.all().forEach(pod -> pods.delete(pod.spec().ref()));
            kube.removeNodes(nodes);
        }
        if (kube != null) {
            kube.close();
        }
        processes.stopAll(launches.train() ? TRAINING_LIMIT : STOP_LIMIT);
        if (relay != null) {
            relay.close();
        }
    }

    private CompletableFuture<Void> inBackground(Runnable work) {
        return CompletableFuture.runAsync(work, threads);
    }

    private static void join(CompletableFuture<Void> work) {
        try {
            work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal("interrupted while waiting");
        }
    }
}
