package io.terway.eni.sim;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.RateLimits;
import io.terway.eni.sim.rpc.Render;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Runs a twin alone until it is told to end; prints one JSON line when it serves. */
public final class SimulatorMain {

    private static final String USAGE = """
            usage: java -jar ecs-simulator.jar [--port P] [--host H] [--state FILE] [--scenario FILE]
                   [--metadata-port P] [--latencies typical|quick|none] [--types documented|guide] [--seed N]
                   [--unlimited]""";

    private SimulatorMain() {}

    /** Exit code 2 for a wrong argument, 1 when it cannot start. */
    public static void main(String[] args) {
        try {
            run(args);
        } catch (IllegalArgumentException e) {
            fail(2, e.getMessage());
        } catch (IllegalStateException e) {
            fail(1, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(String[] args) throws InterruptedException {
        // Netty works without it; with it the JVM prints a warning that nobody asked for.
        System.setProperty("io.netty.noUnsafe", "true");
        Scenario scenario = Scenario.standard();
        Options options = Options.defaults();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--help") || args[i].equals("-h")) {
                System.out.println(USAGE);
                return;
            }
            if (args[i].equals("--unlimited")) {
                options = options.withRateLimits(RateLimits.unlimited());
            } else if (args[i].equals("--scenario")) {
                scenario = Scenario.read(Path.of(value(args, ++i)));
            } else {
                options = option(options, args[i], value(args, ++i));
            }
        }
        EcsSimulator simulator = EcsSimulator.start(scenario, onLoopback(options, scenario), VpcObserver.NONE);
        Runtime.getRuntime().addShutdownHook(new Thread(simulator::close));
        System.out.println(banner(simulator));
        new CountDownLatch(1).await();
    }

    private static Options option(Options options, String name, String value) {
        return switch (name) {
            case "--port" -> options.withApi(options.api().host(), port(value));
            case "--host" -> options.withApi(value, options.api().port());
            case "--state" -> options.withStateFile(Path.of(value));
            case "--metadata-port" -> options.withMetadata(options.api().host(), port(value));
            case "--seed" -> options.withSeed(number(name, value));
            case "--types" ->
                options.withTypes(
                        switch (value) {
                            case "documented" -> InstanceTypes.documented();
                            case "guide" -> InstanceTypes.guide();
                            default ->
                                throw new IllegalArgumentException(
                                        "--types is documented or guide, not '" + value + "'");
                        });
            case "--latencies" ->
                options.withLatencies(
                        switch (value) {
                            case "typical" -> Latencies.typical();
                            case "quick" -> Latencies.quick();
                            case "none" -> Latencies.none();
                            default ->
                                throw new IllegalArgumentException(
                                        "--latencies is typical, quick or none, not '" + value + "'");
                        });
            default -> throw new IllegalArgumentException("unknown argument '" + name + "'\n" + USAGE);
        };
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new IllegalArgumentException(
                    args[at - 1].startsWith("--")
                            ? args[at - 1] + " needs a value\n" + USAGE
                            : "unknown argument '" + args[at - 1] + "'\n" + USAGE);
        }
        return args[at];
    }

    private static int port(String text) {
        long port = number("a port", text);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + text);
        }
        return (int) port;
    }

    private static long number(String what, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(what + " must be a number, not '" + text + "'", e);
        }
    }

    /** On loopback no source address tells machines apart: metadata then speaks for the first instance. */
    private static Options onLoopback(Options options, Scenario scenario) {
        return options.withCallers(source -> source.startsWith("127.")
                ? scenario.instances().stream().map(Scenario.InstanceSpec::id).findFirst()
                : Optional.empty());
    }

    private static String banner(EcsSimulator simulator) {
        VpcView view = simulator.view();
        Scenario scenario = simulator.scenario();
        Fields out = Fields.of()
                .put("endpoint", simulator.endpoint())
                .put("region", scenario.region())
                .put("accessKeyId", scenario.accessKey().id())
                .put("accessKeySecret", scenario.accessKey().secret())
                .put(
                        "vpcId",
                        view.vSwitches().isEmpty()
                                ? ""
                                : view.vSwitches().getFirst().vpc().value())
                .flat(
                        "vSwitches",
                        view.vSwitches(),
                        v -> Fields.of()
                                .put("id", v.id().value())
                                .put("zone", v.zone().value())
                                .put("cidr", v.cidr().toString()))
                .put(
                        "securityGroupId",
                        view.groups().isEmpty()
                                ? ""
                                : view.groups().getFirst().id().value())
                .flat("instances", view.instances(), SimulatorMain::instance);
        if (simulator.metadataPort() > 0) {
            out.put("metadata", "127.0.0.1:" + simulator.metadataPort());
        }
        return Render.JSON.write("", out);
    }

    private static Fields instance(Instance instance) {
        return Fields.of()
                .put("id", instance.id().value())
                .put("type", instance.type().value())
                .put("zone", instance.zone().value());
    }

    private static void fail(int code, String message) {
        System.err.println("ecs-simulator: " + message);
        System.exit(code);
    }
}
