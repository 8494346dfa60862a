package io.terway.bench.policy;

import io.terway.policy.Policy;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import io.terway.policy.compile.NodeView;
import io.terway.policy.compile.PolicyCompiler;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * The measured process: compiles a large cluster from records to what every node is told, again and again, then changes
 * it. Prints {@code metric value} lines. Started by {@link PolicyBench} with one core and 1 GiB.
 */
final class CompileMain {

    private final LargeCluster large;
    private final List<PolicyNode> nodes;
    private final List<PolicyPod> pods;
    private final List<Policy> policies;
    private PolicyCompiler compiler = new PolicyCompiler();
    private long told;

    private CompileMain(int namespaces) {
        large = new LargeCluster(namespaces);
        nodes = large.nodes();
        pods = large.pods();
        policies = large.policies();
    }

    public static void main(String[] arguments) {
        int namespaces = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        var main = new CompileMain(namespaces);
        for (int i = 0; i < rounds; i++) {
            long cpu = cpu();
            print("compile_ms", main.compile());
            print("compile_cpu_ms", (cpu() - cpu) / 1e6);
        }
        main.compiler.sizes().forEach((what, count) -> System.out.println("size_" + what + " " + count));
        System.out.println("size_elements " + main.told);
        int changes = Math.min(1_000, namespaces);
        main.repeat(
                "pod_address_ms",
                changes,
                i -> main.compiler.putPod(main.large.pod(i * 97 % main.pods.size(), i % 10, 1 << 30 | i)));
        main.repeat(
                "policy_port_ms",
                changes,
                i -> main.compiler.putPolicy(main.large.policy(i * 7 % main.policies.size(), 6_000 + i)));
        Runtime.getRuntime().gc();
        System.out.println("heap_mib "
                + ((Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20));
    }

    private double compile() {
        compiler = new PolicyCompiler();
        told = 0;
        long before = System.nanoTime();
        for (int i = 0; i < large.namespaces(); i++) {
            compiler.putNamespace(LargeCluster.namespace(i), large.labels(i));
        }
        nodes.forEach(compiler::putNode);
        pods.forEach(compiler::putPod);
        policies.forEach(compiler::putPolicy);
        List<NodeView> views = new ArrayList<>();
        nodes.forEach(node -> views.add(compiler.open(node.name())));
        tell();
        return milliseconds(before);
    }

    private void tell() {
        for (NodeView view : compiler.changedViews()) {
            view.take()
                    .sets()
                    .forEach(set -> told += set.add().size() + set.remove().size());
        }
    }

    private void repeat(String metric, int times, IntConsumer change) {
        for (int i = 0; i < times; i++) {
            long before = System.nanoTime();
            change.accept(i);
            tell();
            print(metric, milliseconds(before));
        }
    }

    /** CPU time of this thread, in nanoseconds: what other work on the machine does not change. */
    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double milliseconds(long since) {
        return (System.nanoTime() - since) / 1e6;
    }

    private static void print(String metric, double value) {
        System.out.printf("%s %.4f%n", metric, value);
    }

    /** The metrics of which there are samples. */
    static Set<String> metrics() {
        return Set.of("compile_ms", "compile_cpu_ms", "pod_address_ms", "policy_port_ms");
    }
}
