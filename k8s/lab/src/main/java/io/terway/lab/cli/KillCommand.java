package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.cluster.Control;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "kill",
        description = "Sends a signal to a component; waits for its end when the signal is a deadly one.")
final class KillCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Parameters(
            paramLabel = "COMPONENT",
            description = "cloud, api, ipam-service, eni-manager, policy-service, node-agent@NODE")
    String component;

    @Option(names = "--signal", defaultValue = "KILL", paramLabel = "S", description = "name or number (default KILL)")
    String signal;

    @Override
    public Integer call() {
        JsonNode answer =
                lab.ask(Control.request("kill").put("component", component).put("signal", signal));
        lab.print(answer, component + " got " + signal);
        return 0;
    }
}
