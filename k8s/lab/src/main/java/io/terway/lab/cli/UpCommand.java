package io.terway.lab.cli;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.ClusterSpec;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import io.terway.lab.cluster.SpecOptions;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

@Command(name = "up", description = "Starts a lab; returns when its nodes are ready.")
final class UpCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Mixin
    SpecOptions options = new SpecOptions();

    @Override
    public Integer call() {
        ClusterSpec spec = options.spec();
        spec.requireSupported(isRoot());
        Layout layout = lab.layout();
        Consumer<String> progress = lab.json ? line -> {} : lab.out()::println;
        tellLimits(spec, progress);
        LabProcess.start(spec, layout, false);
        try {
            Control.ask(layout.control(), Control.request("await"), progress);
        } catch (Refusal refusal) {
            // Its logs are the only witnesses: they stay until the next up or down.
            Control.ask(layout.control(), Control.request("down"), line -> {});
            throw new Refusal(
                    refusal.getMessage() + "; logs are in " + layout.state().resolve("log"));
        }
        lab.print(
                lab.ask(Control.request("status")), "lab in " + layout.state() + " is up; lab env shows its addresses");
        return 0;
    }

    /** What this machine or the product lacks is said before anything starts. */
    static void tellLimits(ClusterSpec spec, Consumer<String> progress) {
        if (spec.virtualType() == ClusterSpec.VirtualType.IPVLAN) {
            progress.accept(
                    "IPVlan is not supported here: pods get veth instead (event IPVlanUnsupported on each node)");
        }
        if (!isRoot()) {
            progress.accept("without root: user namespaces, no BPF acceleration and no cgroup hooks");
        }
    }

    static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }
}
