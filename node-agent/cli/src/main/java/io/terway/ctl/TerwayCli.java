package io.terway.ctl;

import io.terway.ctl.config.ConfigCommand;
import io.terway.ctl.plan.PlanCommand;
import io.terway.ctl.policy.BadInput;
import io.terway.ctl.policy.PolicyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command. Exit codes: 0 done, 1 done with findings, 2 wrong usage or unreadable input, 69 the agent cannot be
 * reached, 70 it refused.
 */
@Command(
        name = "terway-cli",
        version = "terway-cli 0.1.0",
        mixinStandardHelpOptions = true,
        description = "Shows and explains the pod network of a node.",
        subcommands = {
            ShowCommand.class,
            DoctorCommand.class,
            PolicyCommand.class,
            ConfigCommand.class,
            PlanCommand.class
        })
public final class TerwayCli {

    TerwayCli() {}

    public static void main(String[] args) {
        // Libraries log through SLF4J, of which nothing is on the class path on purpose; it need not say so.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new TerwayCli());
        line.setParameterExceptionHandler((wrong, _) -> {
            String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
            line.getErr().println("terway-cli: " + said(wrong) + "; see " + command + " --help");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((failed, _, _) -> {
            if (failed instanceof AgentFailure failure) {
                line.getErr().println("terway-cli: " + failure.getMessage());
                return failure.exitCode();
            }
            if (failed instanceof BadInput) {
                line.getErr().println("terway-cli: " + failed.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            throw failed;
        });
        return line;
    }

    private static String said(ParameterException wrong) {
        boolean group = !wrong.getCommandLine().getSubcommands().isEmpty();
        return switch (wrong) {
            case UnmatchedArgumentException unmatched
            when group && !unmatched.isUnknownOption() ->
                "there is no command '" + unmatched.getUnmatched().getFirst() + "'";
            case ParameterException _
            when group && wrong.getMessage().startsWith("Missing required subcommand") ->
                "which command? "
                        + String.join(
                                ", ", wrong.getCommandLine().getSubcommands().keySet());
            case ParameterException other -> other.getMessage();
        };
    }
}
