package io.terway.lab.cli;

import io.terway.lab.cluster.Control;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "run", description = "Runs a command in the lab's management namespace, or in a node's.")
final class RunCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Option(names = "--node", paramLabel = "NODE", description = "the node's network namespace")
    String node;

    @Parameters(arity = "1..*", paramLabel = "CMD", description = "command and arguments, after --")
    List<String> command;

    @Override
    public Integer call() {
        String netns = node == null
                ? ""
                : lab.ask(Control.request("node-netns").put("node", node))
                        .path("netns")
                        .asText();
        return Entry.run(lab.layout(), netns, command);
    }
}
