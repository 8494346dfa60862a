package io.terway.ctl.policy;

import picocli.CommandLine.Command;

/** {@code terway-cli policy}. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        description = "Explains network policy, from files, from the live cluster or from what happens on a node.",
        footer = {
            "",
            "Exit codes: 0 answered; 1 answered, and the answer is a complaint (lint found something, explain found a",
            "connection denied, a translation does not fit); 2 wrong usage or input that cannot be read: nothing is answered.",
            "A policy that is not in force as written is one line on standard error and stops nothing."
        },
        subcommands = {
            CheckCommand.class,
            LintCommand.class,
            ExplainCommand.class,
            WatchCommand.class,
            ToSecurityGroupCommand.class
        })
public final class PolicyCommand {

    PolicyCommand() {}
}
