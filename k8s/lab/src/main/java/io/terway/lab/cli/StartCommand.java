package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.cluster.Control;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "start", description = "Starts a component that was killed; returns when it is ready.")
final class StartCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Parameters(paramLabel = "COMPONENT")
    String component;

    @Override
    public Integer call() {
        JsonNode answer = lab.ask(Control.request("start").put("component", component));
        lab.print(answer, component + " is ready");
        return 0;
    }
}
