package io.terway.ctl.config;

import io.terway.ipam.ConfigReading;
import io.terway.ipam.EniConfigMap;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code terway-cli config check}: exit code 0 when ipam-service would take it, 1 when not, 2 when it cannot be read. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Says what ipam-service would say of a configuration, before it is applied.")
final class CheckCommand implements Callable<Integer> {

    private static final int REFUSED = 1;
    private static final int UNREADABLE = 2;

    @Parameters(paramLabel = "FILE", description = "A manifest with the ConfigMap, or the JSON of eni_conf.")
    private Path file;

    @Option(
            names = "--over",
            paramLabel = "FILE",
            description = "The cluster's ConfigMap, over which FILE is laid as the node label terway-config does.")
    private Path base;

    @Spec
    private CommandSpec spec;

    CheckCommand() {}

    @Override
    public Integer call() {
        int worst = 0;
        Map<String, String> cluster = Map.of();
        if (base != null) {
            switch (ConfigFile.read(base)) {
                case ConfigFile.Content.Unreadable unreadable -> {
                    return unreadable(unreadable);
                }
                case ConfigFile.Content.Maps maps ->
                    cluster = maps.maps().getFirst().entries();
            }
        }
        switch (ConfigFile.read(file)) {
            case ConfigFile.Content.Unreadable unreadable -> {
                return unreadable(unreadable);
            }
            case ConfigFile.Content.Maps maps -> {
                for (ConfigFile.Data data : maps.maps()) {
                    ConfigReading reading = base == null
                            ? EniConfigMap.read(data.entries())
                            : EniConfigMap.read(cluster, data.entries());
                    worst = Math.max(worst, print(data.name(), reading));
                }
            }
        }
        return worst;
    }

    private int unreadable(ConfigFile.Content.Unreadable unreadable) {
        spec.commandLine().getErr().println("terway-cli: " + unreadable.why());
        return UNREADABLE;
    }

    private int print(String name, ConfigReading reading) {
        PrintWriter out = spec.commandLine().getOut();
        switch (reading) {
            case ConfigReading.Accepted accepted -> {
                out.println(name + ": valid, " + accepted.config().mode() + " mode");
                accepted.remarks().forEach(remark -> out.println("  note: " + remark));
            }
            case ConfigReading.Refused refused -> {
                out.println(name + ": refused; the last good configuration would stay");
                refused.problems().forEach(problem -> out.println("  " + problem));
            }
        }
        out.flush();
        return reading instanceof ConfigReading.Accepted ? 0 : REFUSED;
    }
}
