package io.terway.lab.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(name = "down", description = "Ends the lab and removes everything of it.")
final class DownCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Override
    public Integer call() {
        Layout layout = lab.layout();
        if (!Files.exists(layout.state())) {
            throw new Refusal("no lab runs in " + layout.state());
        }
        if (Control.alive(layout.control())) {
            long first = LabProcess.firstPid(layout);
            lab.ask(Control.request("down"));
            LabProcess.awaitEnd(layout, first);
        } else {
            LabProcess.clear(layout.state());
        }
        lab.print(JsonNodeFactory.instance.objectNode(), "the lab in " + layout.state() + " is gone");
        return 0;
    }
}
