package io.terway.lab.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.LabNode;
import io.terway.lab.cluster.Layout;
import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.NamedNetns;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The runtime's side of one pod sandbox: its network namespace and the plugin chain of its node.
 *
 * @param id the sandbox's id, 64 hex digits as containerd makes them
 * @param uid of the pod object
 */
record Sandbox(PodSpec pod, String uid, String id, LabNode node, Layout.NodeLayout files) {
    /** The interface that every runtime asks for. */
    static final String INTERFACE = "eth0";

    /** Where Debian and the CNI releases put plugins. */
    private static final List<Path> SYSTEM_PLUGINS = List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What an ADD of the chain gave: {@code wall} of its first plugin, and the wall time of each in {@code stages}. */
    record Added(JsonNode result, List<Ip> ips, Duration wall, Map<String, Duration> stages) {}

    Path netns() {
        return NamedNetns.path("cni-" + id.substring(0, 12));
    }

    /** Makes the namespace and takes its loopback up, as runtimes do before they call CNI. */
    void create() {
        NamedNetns.create(netns());
        try (RouteSocket socket = RouteSocket.open(netns())) {
            int loopback = socket.link("lo").orElseThrow().index();
            socket.execute(LinkChange.of(loopback).up().request());
        }
    }

    /** Removes the namespace; what the plugins left in it goes with it. */
    void remove() {
        NamedNetns.remove(netns());
    }

    /**
     * Runs the chain's plugins in order, each with the result of the one before.
     *
     * @throws Refusal with the CNI error of the first plugin that refuses
     */
    Added add(CniChain chain) {
        JsonNode previous = JSON.missingNode();
        LinkedHashMap<String, Duration> stages = new LinkedHashMap<>();
        for (int i = 0; i < chain.plugins().size(); i++) {
            PluginCall.Answer answer = call("ADD", chain, i, previous);
            previous = parse(chain.type(i), answer);
            stages.merge(chain.type(i), answer.wall(), Duration::plus);
        }
        return new Added(previous, ips(previous), stages.firstEntry().getValue(), stages);
    }

    /** Asks the chain whether the pod's network is as its ADD left it. Throws as {@link #add}. */
    Duration check(CniChain chain, JsonNode result) {
        Duration wall = Duration.ZERO;
        for (int i = 0; i < chain.plugins().size(); i++) {
            wall = wall.plus(
                    need(chain.type(i), call("CHECK", chain, i, result)).wall());
        }
        return wall;
    }

    /** Runs the chain backwards. Throws as {@link #add}; a runtime then retries later. */
    Duration delete(CniChain chain, JsonNode result) {
        Duration wall = Duration.ZERO;
        for (int i = chain.plugins().size() - 1; i >= 0; i--) {
            wall = wall.plus(need(chain.type(i), call("DEL", chain, i, result)).wall());
        }
        return wall;
    }

    private PluginCall.Answer call(String command, CniChain chain, int index, JsonNode previous) {
        List<Path> path = new ArrayList<>(List.of(files.cniBin()));
        path.addAll(SYSTEM_PLUGINS);
        String separated = String.join(":", path.stream().map(Path::toString).toList());
        Map<String, String> env = Map.of(
                "CNI_COMMAND",
                command,
                "CNI_CONTAINERID",
                id,
                "CNI_NETNS",
                netns().toString(),
                "CNI_IFNAME",
                INTERFACE,
                "CNI_PATH",
                separated,
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + pod.ref().namespace() + ";K8S_POD_NAME="
                        + pod.ref().name() + ";K8S_POD_INFRA_CONTAINER_ID=" + id + ";K8S_POD_UID=" + uid,
                "TERWAY_CNI_SOCKET",
                files.socket().toString(),
                "TERWAY_CNI_SPOOL",
                files.spool().toString());
        String input = chain.input(index, previous, pod.capabilities());
        return new PluginCall(node.netns(), path, chain.type(index), env, input).run();
    }

    private static PluginCall.Answer need(String plugin, PluginCall.Answer answer) {
        if (answer.code() != 0) {
            throw new Refusal("CNI plugin " + plugin + ": " + reason(answer));
        }
        return answer;
    }

    private static JsonNode parse(String plugin, PluginCall.Answer answer) {
        try {
            return JSON.readTree(need(plugin, answer).out());
        } catch (JsonProcessingException e) {
            throw new Refusal("CNI plugin " + plugin + " answered what is not JSON");
        }
    }

    /** The error object of the CNI specification in one line, or whatever the plugin said. */
    static String reason(PluginCall.Answer answer) {
        try {
            JsonNode error = JSON.readTree(answer.out());
            if (error != null && error.has("code")) {
                String details = error.path("details").asText();
                return "code " + error.path("code").asInt() + ": "
                        + error.path("msg").asText() + (details.isEmpty() ? "" : "; " + details);
            }
        } catch (JsonProcessingException e) {
            // Not the specification's error object: fall through to the raw text.
        }
        String text = (answer.out() + " " + answer.err()).strip();
        return text.isEmpty()
                ? "exit code " + answer.code()
                : text.lines().findFirst().orElse("");
    }

    private static List<Ip> ips(JsonNode result) {
        List<Ip> ips = new ArrayList<>();
        for (JsonNode ip : result.path("ips")) {
            String address = ip.path("address").asText();
            int slash = address.indexOf('/');
            ips.add(Ip.parse(slash < 0 ? address : address.substring(0, slash)));
        }
        return List.copyOf(ips);
    }

    /** {@code lab pod add --json}. */
    static ObjectNode json(Added added) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode ips = json.putArray("ips");
        added.ips().forEach(ip -> ips.add(ip.toString()));
        json.put("millis", millis(added.wall()));
        json.set("result", added.result());
        ObjectNode stages = json.putObject("stages");
        added.stages().forEach((plugin, wall) -> stages.put(plugin, millis(wall)));
        return json;
    }

    static double millis(Duration wall) {
        return Math.round(wall.toNanos() / 1e4) / 100.0;
    }
}
