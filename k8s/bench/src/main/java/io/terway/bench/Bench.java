package io.terway.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.bench.agent.AgentBench;
import io.terway.bench.cloud.CloudBench;
import io.terway.bench.cni.BurstBench;
import io.terway.bench.cni.CniBench;
import io.terway.bench.datapath.DatapathBench;
import io.terway.bench.ipam.IpamBench;
import io.terway.bench.policy.PolicyBench;
import io.terway.bench.service.ServiceBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of the benchmarks. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Runs one benchmark and prints its figures, with the peers measured in the same run.")
public final class Bench implements Callable<Integer> {

    private static final List<String> NAMES = List.of("agent", "burst", "cloud", "cni", "datapath", "ipam", "policy");

    @Parameters(
            paramLabel = "NAME",
            description = {
                "agent: its start to the first ADD, and its memory with 110 pods.",
                "cni: the CNI plugin process, ADD and DEL, against ptp + host-local.",
                "burst: 110 pods at once on a node without addresses, cloud latencies as the real one's.",
                "cloud: calls to the simulated cloud with 5,000 nodes and 100,000 addresses.",
                "datapath: TCP between pods, per mode, against plain routing and ptp.",
                "ipam: requests that the core and the service take, memory, a new leader's resync.",
                "policy: compiling 10,000 policies for 100,000 pods, enforcing 10,000 rules on a node, changes of both."
            })
    private String name;

    @Option(names = "--json", description = "Print the figures as JSON.")
    private boolean json;

    @Option(names = "--quick", description = "Fewer repetitions.")
    private boolean quick;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (!NAMES.contains(name)) {
            System.err.println("bench: there is no benchmark '" + name + "'; there is: " + String.join(", ", NAMES));
            return 2;
        }
        try {
            Path root = Path.of(System.getProperty("bench.root"));
            print(run(root));
            return 0;
        } catch (Unmeasurable e) {
            System.err.println("bench: " + e.getMessage());
            return 1;
        }
    }

    private Report run(Path root) throws IOException {
        Consumer<String> progress = step -> System.err.println("bench: " + step);
        if (name.equals("burst")) {
            return new BurstBench(root, progress).run(quick, Machine.describe());
        }
        if (name.equals("agent")) {
            return new AgentBench(root, progress).run(quick, Machine.describe());
        }
        if (name.equals("datapath")) {
            return new DatapathBench(root, progress).run(quick, Machine.describe());
        }
        if (name.equals("cloud")) {
            return new CloudBench(root, progress).run(quick, Machine.describe());
        }
        if (name.equals("ipam")) {
            Report core = new IpamBench(progress).run(quick, Machine.describe());
            return core.with(new ServiceBench(root, progress).run(quick));
        }
        if (name.equals("policy")) {
            return new PolicyBench(progress).run(quick, Machine.describe());
        }
        var found = new CniBench(root, progress).run(quick);
        return new Report(name, Machine.describe(), found.results(), found.ratios(), found.notes());
    }

    private void print(Report report) throws IOException {
        if (json) {
            System.out.println(
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
            return;
        }
        System.out.println(report.name() + " on " + report.machine());
        System.out.printf(
                "%-34s %-28s %5s %9s %9s %9s %9s %9s%n",
                "metric", "subject", "n", "min", "median", "p90", "p99", "max");
        for (Report.Result r : report.results()) {
            System.out.printf(
                    "%-34s %-28s %5d %9.2f %9.2f %9.2f %9.2f %9.2f %s%n",
                    r.metric(), r.subject(), r.n(), r.min(), r.median(), r.p90(), r.p99(), r.max(), r.unit());
        }
        for (Report.Ratio ratio : report.ratios()) {
            System.out.printf("%s: %s has %.2f x %s%n", ratio.metric(), ratio.of(), ratio.median(), ratio.to());
        }
        report.notes().forEach(note -> System.out.println("note: " + note));
    }
}
