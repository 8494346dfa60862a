package io.terway.lab.cli;

import io.terway.lab.Refusal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Only for the help text: the script answers before there is anything built. */
@Command(name = "deps", description = "Lists the Debian packages of the lab and the tests; --install installs them.")
final class DepsCommand implements Runnable {
    @Option(names = "--install", description = "install the missing ones, as root")
    boolean install;

    @Override
    public void run() {
        throw new Refusal("run k8s/lab/lab deps: packages are looked at by the script", Refusal.USAGE);
    }
}
