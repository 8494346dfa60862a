package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code k8s/lab/lab}. Every refusal is one line on standard error and a non-zero exit code. */
@Command(
        name = "lab",
        description = "Terway's whole system with real packets on one machine.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            EnvCommand.class,
            LogsCommand.class,
            RunCommand.class,
            PodCommand.class,
            ApplyCommand.class,
            KillCommand.class,
            StartCommand.class,
            FaultCommand.class,
            DepsCommand.class,
            TrainCommand.class
        })
public final class Lab implements Runnable {

    @Option(
            names = "--state",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "directory of the lab; one lab per directory (default below XDG_RUNTIME_DIR or /tmp)")
    Path state;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "print JSON")
    boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "print this help")
    boolean help;

    private final PrintWriter out;

    Lab(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true);
        int code = execute(out, new PrintWriter(System.err, true), arguments);
        out.flush();
        System.exit(code);
    }

    /** Parses and runs one command line, printing to these writers; its exit code. */
    static int execute(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = commandLine(out, err);
        // What follows -- belongs to CMD; without it, what follows the first word that is no option.
        boolean marked = List.of(arguments).contains("--");
        line.getSubcommands().get("run").setStopAtPositional(!marked);
        line.getSubcommands().get("pod").getSubcommands().get("exec").setStopAtPositional(!marked);
        return line.execute(arguments);
    }

    /** The parser with its error handling, printing to these writers. */
    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new Lab(out)).setOut(out).setErr(err);
        line.setParameterExceptionHandler((exception, arguments) -> misuse(exception));
        line.setExecutionExceptionHandler((exception, parsed, result) -> {
            if (exception instanceof Refusal refusal) {
                err.println("lab: " + refusal.getMessage());
                return refusal.exitCode();
            }
            if (exception instanceof IllegalArgumentException refused) {
                err.println("lab: " + refused.getMessage());
                return Refusal.USAGE;
            }
            throw exception;
        });
        return line;
    }

    private static int misuse(ParameterException exception) {
        String message = exception instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()
                ? "'" + unmatched.getUnmatched().getFirst() + "' is no command or argument here"
                : exception.getMessage().lines().findFirst().orElse("");
        exception
                .getCommandLine()
                .getErr()
                .println("lab: " + message + "; see "
                        + exception.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return Refusal.USAGE;
    }

    @Override
    public void run() {
        throw new Refusal("which command? lab --help lists them", Refusal.USAGE);
    }

    Layout layout() {
        return new Layout(
                state != null ? state : Layout.defaultState(System.getenv(), System.getProperty("user.name")));
    }

    /** Asks the running lab. */
    JsonNode ask(ObjectNode request) {
        return Control.ask(layout().control(), request, out::println);
    }

    /** Prints the answer as JSON, or as {@code text} for people. */
    void print(JsonNode answer, String text) {
        if (json) {
            out.println(answer);
        } else if (!text.isEmpty()) {
            out.println(text);
        }
    }

    PrintWriter out() {
        return out;
    }
}
