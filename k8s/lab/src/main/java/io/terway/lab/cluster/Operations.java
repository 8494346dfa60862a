package io.terway.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.pod.PodRuntime;
import io.terway.lab.pod.PodSpec;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** What a running lab does on request; the JSON is that of `lab ... --json`. */
final class Operations implements Control.Handler {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cluster cluster;
    private final Progress progress;
    private final CountDownLatch ending;

    /** @param ending counted down when the lab shall end */
    Operations(Cluster cluster, Progress progress, CountDownLatch ending) {
        this.cluster = cluster;
        this.progress = progress;
        this.ending = ending;
    }

    @Override
    public JsonNode handle(ObjectNode request, Consumer<String> listener, BufferedReader peer) throws Exception {
        return switch (request.path("op").asText()) {
            case "await" -> await(listener);
            case "hold" -> hold(peer);
            case "status" -> status();
            case "env" -> env();
            case "kill" -> kill(request);
            case "start" -> start(request);
            case "apply" -> apply(request);
            case "pod-add" -> ready().add(spec(request), cluster.node(node(request)));
            case "pod-check" -> ready().check(pod(request));
            case "pod-del" -> ready().delete(pod(request));
            case "pod-netns" ->
                JSON.createObjectNode().put("netns", ready().netns(pod(request)).toString());
            case "node-netns" ->
                JSON.createObjectNode()
                        .put("netns", cluster.node(node(request)).netns().toString());
            case "fault" -> Faults.ask(cluster.cloud(), request);
            case "probe" -> new Probes(cluster).run(request);
            case "down" -> down();
            case String op -> throw new Refusal("the supervisor knows no operation '" + op + "'");
        };
    }

    private JsonNode await(Consumer<String> listener) throws InterruptedException {
        Optional<String> failure = progress.follow(listener);
        if (failure.isPresent()) {
            throw new Refusal(failure.get());
        }
        return JSON.createObjectNode();
    }

    /** Lasts until the owner's connection closes, however its process ended. */
    private JsonNode hold(BufferedReader peer) throws Exception {
        while (peer.read() >= 0) {
            // The owner says nothing; only its going matters.
        }
        return down();
    }

    private JsonNode down() {
        ending.countDown();
        return JSON.createObjectNode();
    }

    private JsonNode status() {
        ObjectNode status = JSON.createObjectNode();
        ArrayNode nodes = status.putArray("nodes");
        cluster.nodes()
                .forEach(node -> nodes.addObject()
                        .put("name", node.name().value())
                        .put("zone", node.zone().value())
                        .put("ip", node.ip().toString())
                        .put("instanceId", node.instanceId().value())
                        .put("instanceType", node.type().value()));
        ArrayNode components = status.putArray("components");
        for (Component component : cluster.components()) {
            Processes.Condition condition = cluster.processes().condition(component);
            ObjectNode entry = components.addObject().put("name", condition.name());
            condition.pid().ifPresentOrElse(pid -> entry.put("pid", pid), () -> entry.putNull("pid"));
            entry.put("state", condition.state());
        }
        ArrayNode pods = status.putArray("pods");
        if (cluster.pods() != null) {
            cluster.pods().all().forEach(pod -> pods.add(describe(pod)));
        }
        return status;
    }

    private static ObjectNode describe(PodRuntime.Running pod) {
        ObjectNode entry = JSON.createObjectNode()
                .put("namespace", pod.spec().ref().namespace())
                .put("name", pod.spec().ref().name())
                .put("node", pod.spec().node().value());
        ArrayNode ips = entry.putArray("ips");
        pod.ips().forEach(ip -> ips.add(ip.toString()));
        return entry;
    }

    private JsonNode env() {
        Layout layout = cluster.layout();
        ObjectNode env = JSON.createObjectNode();
        env.put("kubeconfig", layout.kubeconfig().toString());
        env.put("ecsEndpoint", Addresses.SERVICES + ":" + Addresses.ECS_PORT);
        ObjectNode agents = env.putObject("agents");
        for (LabNode node : cluster.nodes()) {
            agents.putObject(node.name().value())
                    .put("metrics", "http://" + node.ip() + ":" + Addresses.AGENT_MANAGEMENT_PORT + "/metrics")
                    .put("socket", layout.node(node.name()).socket().toString())
                    .put("log", log(new Component.NodeAgent(node.name())));
        }
        ObjectNode services = env.putObject("services");
        for (Component.Service service : Component.SERVICES) {
            services.putObject(service.name())
                    .put("grpc", Addresses.SERVICES + ":" + service.grpcPort())
                    .put("metrics", "http://" + Addresses.SERVICES + ":" + service.managementPort() + "/metrics")
                    .put("log", log(service));
        }
        return env;
    }

    private String log(Component component) {
        return cluster.layout().log(component.name()).toString();
    }

    private JsonNode kill(ObjectNode request) {
        Component component = component(request);
        cluster.processes().signal(component, request.path("signal").asText("KILL"));
        return JSON.createObjectNode().put("component", component.name());
    }

    private JsonNode start(ObjectNode request) {
        ready();
        Component component = component(request);
        cluster.startReady(component);
        return JSON.createObjectNode().put("component", component.name());
    }

    private JsonNode apply(ObjectNode request) {
        ready();
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode applied = answer.putArray("applied");
        cluster.kube().apply(request.path("manifests").asText()).forEach(applied::add);
        return answer;
    }

    private Component component(ObjectNode request) {
        return Component.find(cluster.components(), request.path("component").asText());
    }

    /** The pods, once the lab has come up far enough to have any. */
    private PodRuntime ready() {
        if (cluster.pods() == null || cluster.nodes().isEmpty()) {
            throw new Refusal("the lab is still starting; lab up waits for it");
        }
        return cluster.pods();
    }

    private static PodRef pod(ObjectNode request) {
        return PodRef.parse(request.path("pod").asText());
    }

    private static NodeName node(ObjectNode request) {
        return new NodeName(request.path("node").asText());
    }

    private static PodSpec spec(ObjectNode request) {
        List<PodSpec.Port> ports = new ArrayList<>();
        request.path("ports").forEach(port -> ports.add(PodSpec.Port.parse(port.asText())));
        return new PodSpec(
                pod(request), node(request), map(request.path("labels")), map(request.path("annotations")), ports);
    }

    private static Map<String, String> map(JsonNode object) {
        Map<String, String> map = new HashMap<>();
        object.properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }
}
