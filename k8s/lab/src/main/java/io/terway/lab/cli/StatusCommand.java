package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.cluster.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(name = "status", description = "Lists nodes, components and pods.")
final class StatusCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Override
    public Integer call() {
        JsonNode status = lab.ask(Control.request("status"));
        lab.print(status, text(status));
        return 0;
    }

    static String text(JsonNode status) {
        Table nodes = new Table("NODE", "ZONE", "IP", "INSTANCE", "TYPE");
        status.path("nodes")
                .forEach(node -> nodes.row(
                        node.path("name").asText(),
                        node.path("zone").asText(),
                        node.path("ip").asText(),
                        node.path("instanceId").asText(),
                        node.path("instanceType").asText()));
        Table components = new Table("COMPONENT", "PID", "STATE");
        status.path("components")
                .forEach(component -> components.row(
                        component.path("name").asText(),
                        component.path("pid").isNull()
                                ? "-"
                                : component.path("pid").asText(),
                        component.path("state").asText()));
        Table pods = new Table("POD", "NODE", "IPS");
        status.path("pods").forEach(pod -> {
            List<String> ips = new ArrayList<>();
            pod.path("ips").forEach(ip -> ips.add(ip.asText()));
            pods.row(
                    pod.path("namespace").asText() + "/" + pod.path("name").asText(),
                    pod.path("node").asText(),
                    String.join(",", ips));
        });
        return nodes + "\n" + components + "\n" + pods;
    }
}
