package io.terway.ctl;

import io.terway.wire.agent.v1.Finding;
import io.terway.wire.agent.v1.Node;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code terway-cli doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "What on this node gets into pods' way, and what to do; exit code 1 when there is something.")
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private AgentClient agent;

    @Spec
    private CommandSpec spec;

    DoctorCommand() {}

    @Override
    public Integer call() {
        Node node = agent.show();
        List<String> lines = lines(node);
        PrintWriter out = spec.commandLine().getOut();
        lines.forEach(out::println);
        if (lines.isEmpty()) {
            out.println("node " + node.getName() + ": nothing found");
        }
        out.flush();
        return lines.isEmpty() ? 0 : 1;
    }

    static List<String> lines(Node node) {
        List<String> lines = new ArrayList<>();
        if (!node.getQuarantine().isEmpty()) {
            lines.add("new pods are refused: " + node.getQuarantine());
        }
        if (node.getIpam().startsWith("disconnected")) {
            lines.add("ipam-service: " + node.getIpam());
        }
        if (node.getSpooled() > 0) {
            lines.add(node.getSpooled() + " parked DELs are not replayed yet: see the agent's log for why");
        }
        for (Finding finding : node.getFindingsList()) {
            lines.add(finding.getWhat() + "\n  -> " + finding.getRemedy());
        }
        return lines;
    }
}
