package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import io.terway.lab.cluster.Addresses;
import io.terway.lab.cluster.ClusterSpec;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.LabNode;
import io.terway.lab.cluster.Layout;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The steps of the demo in a lab that is starting. */
final class DemoRun {
    private static final int PODS_PER_NODE = 3;

    private final Layout layout;
    private final DemoReport report;
    private final List<String> nodes = new ArrayList<>();
    private final boolean ping =
            List.of("/bin/ping", "/usr/bin/ping").stream().anyMatch(path -> Files.exists(Path.of(path)));

    private final ClusterSpec spec;

    DemoRun(ClusterSpec spec, Layout layout, DemoReport report) {
        this.spec = spec;
        this.layout = layout;
        this.report = report;
    }

    /** @throws Refusal when a step fails on which the rest depends */
    void run() {
        ask(Control.request("await"));
        JsonNode status = ask(Control.request("status"));
        status.path("nodes").forEach(node -> nodes.add(node.path("name").asText()));
        report.step("start", true, nodes.size() + " nodes in " + zones(status) + " zones, all components ready");
        for (String node : nodes) {
            for (int number = 1; number <= PODS_PER_NODE; number++) {
                addPod(pod(node, number), node);
            }
        }
        nodes.forEach(this::checkNode);
        nodes.forEach(this::show);
        replacePod(pod(nodes.getFirst(), 2), nodes.getFirst());
    }

    private void checkNode(String node) {
        String own = "pod/" + pod(node, 1);
        String neighbour = "pod/" + pod(node, 2);
        traffic("pod to pod on " + node, own, neighbour);
        for (String other : nodes) {
            if (!other.equals(node)) {
                traffic("pod on " + node + " to pod on " + other, own, "pod/" + pod(other, 1));
                traffic("pod on " + node + " to node " + other, own, "node/" + other);
            }
        }
        traffic("pod to its node " + node, own, "node/" + node);
        traffic("node " + node + " to its pod", "node/" + node, own);
        // The cloud's service range is IPv4.
        if (spec.stack() != ClusterSpec.Stack.IPV6) {
            probe("pod on " + node + " to metadata " + Addresses.METADATA, "http", own, Addresses.METADATA.toString());
        }
        check(pod(node, 1));
    }

    private void addPod(String pod, String node) {
        JsonNode added = ask(Control.request("pod-add").put("pod", pod).put("node", node));
        report.step(
                "add " + pod,
                families(added).equals(Set.copyOf(spec.stack().families())),
                ips(added) + " on " + node + " in " + added.path("millis").asText() + " ms");
    }

    private void check(String pod) {
        JsonNode answer = ask(Control.request("pod-check").put("pod", pod));
        report.step(
                "CNI CHECK of " + pod, true, "intact, " + answer.path("millis").asText() + " ms");
    }

    private void replacePod(String pod, String node) {
        JsonNode deleted = ask(Control.request("pod-del").put("pod", pod));
        report.step("delete " + pod, true, deleted.path("millis").asText() + " ms");
        addPod(pod, node);
        traffic("recreated pod to its neighbour", "pod/" + pod, "pod/" + pod(node, 1));
    }

    private void traffic(String name, String from, String to) {
        List<Family> families = spec.stack().families();
        families.forEach(family -> traffic(families.size() == 1 ? name : name + ", " + family, from, to, family));
    }

    /** TCP and UDP always, ICMP where this machine has ping. */
    private void traffic(String name, String from, String to, Family family) {
        List<String> details = new ArrayList<>();
        boolean ok = true;
        for (String kind : ping ? List.of("tcp", "udp", "icmp") : List.of("tcp", "udp")) {
            JsonNode answer = ask(Control.request("probe")
                    .put("kind", kind)
                    .put("from", from)
                    .put("to", to)
                    .put("family", family.name()));
            ok &= answer.path("ok").asBoolean();
            details.add(kind + " "
                    + (answer.path("ok").asBoolean()
                            ? answer.path("millis").asText() + " ms"
                            : answer.path("detail").asText()));
        }
        report.step(name, ok, String.join(", ", details));
    }

    private void probe(String name, String kind, String from, String to) {
        ObjectNode request =
                Control.request("probe").put("kind", kind).put("from", from).put("to", to);
        JsonNode answer = ask(request.put("path", "/latest/meta-data/"));
        report.step(name, answer.path("ok").asBoolean(), answer.path("detail").asText());
    }

    /** terway-cli as a person on that node would run it. */
    private void show(String node) {
        Path cli = Path.of(System.getenv("TERWAY_LAB_ROOT"), "node-agent/cli/target/terway-cli");
        Shell.Outcome outcome = Shell.run(
                Entry.command(
                        layout, LabNode.NETNS_DIRECTORY.resolve(node).toString(), List.of(cli.toString(), "show")),
                "");
        report.quote(outcome.out().stripTrailing());
        report.step("terway-cli show on " + node, outcome.ok(), outcome.ok() ? "printed above" : outcome.err());
    }

    private JsonNode ask(ObjectNode request) {
        return Control.ask(layout.control(), request, report::say);
    }

    private static String pod(String node, int number) {
        return "default/demo-" + node + "-" + number;
    }

    private static long zones(JsonNode status) {
        return status.path("nodes").findValuesAsText("zone").stream().distinct().count();
    }

    private static String ips(JsonNode added) {
        List<String> ips = new ArrayList<>();
        added.path("ips").forEach(ip -> ips.add(ip.asText()));
        return String.join(", ", ips);
    }

    private static Set<Family> families(JsonNode added) {
        Set<Family> families = EnumSet.noneOf(Family.class);
        added.path("ips").forEach(ip -> families.add(Ip.parse(ip.asText()).family()));
        return families;
    }
}
