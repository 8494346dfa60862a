package io.terway.ctl.config;

import picocli.CommandLine.Command;

/** {@code terway-cli config}. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Checks and makes the eni-config ConfigMap, without a cluster.",
        subcommands = {CheckCommand.class, FromAddonCommand.class})
public final class ConfigCommand {

    ConfigCommand() {}
}
