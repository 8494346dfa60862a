package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.cluster.Control;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "env",
        description = "Shows addresses, sockets, kubeconfig, metrics and log files; addresses are for lab run.")
final class EnvCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Override
    public Integer call() {
        JsonNode env = lab.ask(Control.request("env"));
        lab.print(env, env.toPrettyString());
        return 0;
    }
}
