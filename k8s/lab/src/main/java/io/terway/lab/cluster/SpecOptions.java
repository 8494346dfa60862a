package io.terway.lab.cluster;

import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.lab.Refusal;
import io.terway.net.InstanceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options of `lab up`; the supervisor is started with the same ones. */
public final class SpecOptions {
    @Option(
            names = "--nodes",
            defaultValue = "2",
            description = "number of nodes, alternating over two zones (default 2)")
    int nodes;

    @Option(names = "--mode", defaultValue = "ENIIP", description = "ENIIP, ENI, Trunk or VPC (default ENIIP)")
    String mode;

    @Option(names = "--stack", defaultValue = "ipv4", description = "ipv4, ipv6 or dual (default ipv4)")
    String stack;

    @Option(names = "--virtual-type", defaultValue = "Veth", description = "Veth or IPVlan (default Veth)")
    String virtualType;

    @Option(
            names = "--instance-type",
            paramLabel = "TYPE",
            description = "default ecs.g7.xlarge, with ENI and Trunk ecs.g7.4xlarge")
    String instanceType;

    @Option(names = "--eni-config", paramLabel = "FILE", description = "ConfigMap eni-config, or the JSON of eni_conf")
    Path eniConfig;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "an API server outside instead of the embedded one")
    Path kubeconfig;

    @Option(names = "--native", description = "run native binaries where they are built")
    boolean natives;

    /**
     * The lab that the options ask for.
     *
     * @throws Refusal naming option, value and what is allowed
     */
    public ClusterSpec spec() {
        ClusterSpec.Mode chosen = choose("--mode", mode, ClusterSpec.Mode.values());
        return new ClusterSpec(
                nodes,
                chosen,
                choose("--stack", stack, ClusterSpec.Stack.values()),
                choose("--virtual-type", virtualType, ClusterSpec.VirtualType.values()),
                instanceType == null ? chosen.standardType() : type(),
                file("--eni-config", eniConfig),
                file("--kubeconfig", kubeconfig),
                natives);
    }

    /** The same lab as arguments. */
    public static List<String> arguments(ClusterSpec spec) {
        List<String> arguments = new ArrayList<>(List.of(
                "--nodes", Integer.toString(spec.nodes()),
                "--mode", spec.mode().text(),
                "--stack", spec.stack().text(),
                "--virtual-type", spec.virtualType().text(),
                "--instance-type", spec.instanceType().value()));
        spec.eniConfig().ifPresent(file -> arguments.addAll(List.of("--eni-config", file.toString())));
        spec.kubeconfig().ifPresent(file -> arguments.addAll(List.of("--kubeconfig", file.toString())));
        if (spec.natives()) {
            arguments.add("--native");
        }
        return List.copyOf(arguments);
    }

    private InstanceType type() {
        try {
            return InstanceTypes.documented().of(new InstanceType(instanceType)).type();
        } catch (IllegalArgumentException e) {
            throw new Refusal("--instance-type: " + e.getMessage(), Refusal.USAGE);
        }
    }

    private static <E extends Enum<E>> E choose(String option, String text, E[] values) {
        return Arrays.stream(values)
                .filter(value -> value.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        option + " '" + text + "' is not one of "
                                + Arrays.stream(values).map(SpecOptions::text).collect(Collectors.joining(", ")),
                        Refusal.USAGE));
    }

    private static String text(Enum<?> value) {
        return switch (value) {
            case ClusterSpec.Mode chosen -> chosen.text();
            case ClusterSpec.Stack chosen -> chosen.text();
            case ClusterSpec.VirtualType chosen -> chosen.text();
            case Enum<?> other -> other.name();
        };
    }

    private static Optional<Path> file(String option, Path path) {
        if (path != null && !Files.isReadable(path)) {
            throw new Refusal(option + " " + path + " is not a readable file", Refusal.USAGE);
        }
        return Optional.ofNullable(path).map(Path::toAbsolutePath);
    }
}
