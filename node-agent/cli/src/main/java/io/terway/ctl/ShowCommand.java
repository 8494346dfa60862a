package io.terway.ctl;

import io.terway.wire.agent.v1.Node;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code terway-cli show}. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "The node's ENIs, addresses and pods, as its agent's ledger has them now.")
final class ShowCommand implements Callable<Integer> {

    /** How to print. */
    enum Output {
        text,
        json
    }

    @Mixin
    private AgentClient agent;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Output output;

    @Spec
    private CommandSpec spec;

    ShowCommand() {}

    @Override
    public Integer call() {
        Node node = agent.show();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case text -> NodeText.of(node);
                    case json -> NodeJson.of(node);
                });
        out.flush();
        return 0;
    }
}
